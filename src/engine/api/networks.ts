/** `/networks`: what `docker network ls` and `docker network inspect` ask. */
import { type Filters, parseFilters } from '../../engine-api/filters.ts';
import { z } from 'zod';
import { gateway6Of, subnet6Of } from '../networks/free-address6.ts';
import { formatAddress6 } from '../networks/ipv6.ts';
import type { EndpointSettings, Network, NetworkContainer } from '../../engine-api/types.ts';
import { InvalidError } from '../../lib/errors.ts';
import {
  connectContainer,
  disconnectContainer,
  type NetworkDependencies,
} from '../containers/connect-network.ts';
import { describe } from '../containers/create/create-request.ts';
import { parseTime } from '../containers/time.ts';
import { formatAddress, formatSubnet } from '../networks/ipv4.ts';
import type { Endpoint, NetworkRecord } from '../networks/network-record.ts';
import { gatewayOf, type NetworkStore } from '../networks/network-store.ts';
import { isPredefined, parseNetworkRequest } from '../networks/plan-network.ts';
import { type ApiRequest, empty, json, type Route } from './route.ts';

const knownFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

export function networkRoutes(deps: NetworkDependencies): Route[] {
  const { store } = deps.networks;
  return [
    { method: 'GET', path: '/networks', handle: (request) => listNetworks(store, request) },
    { method: 'GET', path: '/networks/{id}', handle: (request) => inspectNetwork(store, request) },
    { method: 'POST', path: '/networks/create', handle: (request) => createNetwork(deps, request) },
    { method: 'POST', path: '/networks/prune', handle: (request) => pruneNetworks(deps, request) },
    { method: 'POST', path: '/networks/{id}/connect', handle: (request) => connect(deps, request) },
    { method: 'POST', path: '/networks/{id}/disconnect', handle: (request) => disconnect(deps, request) },
    { method: 'DELETE', path: '/networks/{id}', handle: (request) => removeNetwork(deps, request) },
  ];
}

function listNetworks(store: NetworkStore, { query }: ApiRequest): Response {
  const filters = parseFilters(query.get('filters'), knownFilters);
  const found = store.list().filter((network) => matches(store, network, filters));
  return json(found.map((network) => present(network, [])));
}

function inspectNetwork(store: NetworkStore, { params }: ApiRequest): Response {
  const network = store.resolve(params['id'] ?? '');
  return json(present(network, store.endpointsOn(network.id)));
}

async function createNetwork(deps: NetworkDependencies, request: ApiRequest): Promise<Response> {
  const network = await deps.networks.create(parseNetworkRequest(await request.json()));
  published(deps, network, 'create');
  return json({ Id: network.id, Warning: '' }, 201);
}

async function removeNetwork(deps: NetworkDependencies, { params }: ApiRequest): Promise<Response> {
  published(deps, await deps.networks.remove(params['id'] ?? ''), 'destroy');
  return empty();
}

/** Those of the user's own that nobody is connected to. */
async function pruneNetworks(deps: NetworkDependencies, { query }: ApiRequest): Promise<Response> {
  const filters = parseFilters(query.get('filters'), ['label', 'label!', 'until']);
  const until = filters.get('until')?.map((text) => parseTime(text) * 1000);
  const { store } = deps.networks;
  const removed: string[] = [];
  for (const network of store.list()) {
    const hasAll = (filters.get('label') ?? []).every((label) => hasLabel(network, label));
    const isKept = (filters.get('label!') ?? []).some((label) => hasLabel(network, label));
    const isOld = until?.every((time) => Date.parse(network.created) < time) ?? true;
    const isUsed = isPredefined(network) || store.endpointsOn(network.id).length > 0;
    if (isUsed || !hasAll || isKept || !isOld) continue;
    published(deps, await deps.networks.remove(network.id), 'destroy');
    removed.push(network.name);
  }
  return json({ NetworksDeleted: removed.length > 0 ? removed : null });
}

const connectSchema = z.looseObject({
  Container: z.string().min(1),
  EndpointConfig: z.looseObject({}).nullish(),
  Force: z.boolean().nullish(),
});

async function connect(deps: NetworkDependencies, request: ApiRequest): Promise<Response> {
  const { Container, EndpointConfig } = await connectBody(request);
  const asked = (EndpointConfig ?? {}) as EndpointSettings;
  await connectContainer(deps, request.params['id'] ?? '', Container, asked);
  return empty(200);
}

async function disconnect(deps: NetworkDependencies, request: ApiRequest): Promise<Response> {
  const { Container, Force } = await connectBody(request);
  await disconnectContainer(deps, request.params['id'] ?? '', Container, Force ?? false);
  return empty(200);
}

async function connectBody(request: ApiRequest): Promise<z.infer<typeof connectSchema>> {
  const parsed = connectSchema.safeParse((await request.json()) ?? {});
  if (parsed.success) return parsed.data;
  throw new InvalidError(describe(parsed.error));
}

function published(
  { events }: Pick<NetworkDependencies, 'events'>,
  { id, name, driver }: NetworkRecord,
  action: 'create' | 'destroy',
): void {
  events.publish('network', action, id, { name, type: driver });
}

/** Values of one filter are alternatives (labels add up, as filters do). Predefined networks never dangle. */
function matches(store: NetworkStore, network: NetworkRecord, filters: Filters): boolean {
  const dangles = (): boolean => !isPredefined(network) && store.endpointsOn(network.id).length === 0;
  const checks: Record<string, (value: string) => boolean> = {
    dangling: (value) => dangles() === (value === 'true' || value === '1'),
    driver: (value) => network.driver === value,
    id: (value) => network.id.includes(value),
    label: (value) => hasLabel(network, value),
    name: (value) => network.name.includes(value),
    scope: (value) => value === 'local',
    type: (value) => isOfType(network, value),
  };
  return [...filters].every(([name, values]) =>
    name === 'label'
      ? values.every((value) => hasLabel(network, value))
      : values.some((value) => checks[name]?.(value)),
  );
}

/** `name` or `name=value`. */
function hasLabel({ options }: NetworkRecord, wanted: string): boolean {
  const [name = '', ...value] = wanted.split('=');
  const found = options.labels?.[name];
  return found !== undefined && (value.length === 0 || found === value.join('='));
}

function isOfType(network: NetworkRecord, type: string): boolean {
  if (type !== 'builtin' && type !== 'custom') throw new InvalidError(`invalid filter: 'type'='${type}'`);
  return isPredefined(network) === (type === 'builtin');
}

function present(network: NetworkRecord, connected: readonly Endpoint[]): Network {
  const { options } = network;
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: options.ipv6 !== undefined,
    IPAM: {
      Driver: 'default',
      Config: poolOf(network),
      Options: {},
    },
    Internal: options.internal ?? false,
    Attachable: options.attachable ?? false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      connected.map((endpoint) => [endpoint.containerId, presentEndpoint(network, endpoint)]),
    ),
    Options: optionsOf(network),
    Labels: { ...options.labels },
  };
}

function poolOf(network: NetworkRecord): NonNullable<Network['IPAM']>['Config'] {
  const { subnet, options } = network;
  if (!subnet) return [];
  const { range, auxiliary } = options.pool ?? {};
  const { ipv6 } = options;
  return [
    {
      Subnet: formatSubnet(subnet),
      ...(range !== undefined && { IPRange: range }),
      Gateway: formatAddress(gatewayOf(network) ?? 0),
      ...(auxiliary && { AuxiliaryAddresses: auxiliary }),
    },
    ...(ipv6
      ? [
          {
            Subnet: ipv6.subnet,
            ...(ipv6.range !== undefined && { IPRange: ipv6.range }),
            Gateway: formatAddress6(gateway6Of(network) ?? 0n),
            ...(ipv6.auxiliary && { AuxiliaryAddresses: ipv6.auxiliary }),
          },
        ]
      : []),
  ];
}

function optionsOf({ name, bridge, options }: NetworkRecord): Record<string, string> {
  return name === 'bridge' && bridge !== undefined ? bridgeOptions(bridge) : { ...options.driver };
}

function presentEndpoint(network: NetworkRecord, endpoint: Endpoint): NetworkContainer {
  const { subnet } = network;
  const { address, address6 } = endpoint;
  return {
    Name: endpoint.containerName,
    EndpointID: endpoint.endpointId,
    MacAddress: endpoint.mac,
    IPv4Address: address !== undefined && subnet ? `${formatAddress(address)}/${subnet.prefixLength}` : '',
    IPv6Address: address6 === undefined ? '' : `${address6}/${subnet6Of(network)?.prefixLength ?? 128}`,
  };
}

function bridgeOptions(name: string): Record<string, string> {
  return {
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
    'com.docker.network.bridge.name': name,
    'com.docker.network.driver.mtu': '1500',
  };
}
