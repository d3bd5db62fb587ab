/** `/networks`: what `docker network ls` and `docker network inspect` ask. */
import { type Filters, parseFilters } from '../../engine-api/filters.ts';
import type { Network, NetworkContainer } from '../../engine-api/types.ts';
import { InvalidError } from '../../lib/errors.ts';
import { formatAddress, formatSubnet } from '../networks/ipv4.ts';
import {
  type Endpoint,
  gatewayOf,
  type NetworkRecord,
  type NetworkStore,
} from '../networks/network-store.ts';
import { type ApiRequest, json, type Route } from './route.ts';

const knownFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

/** Those that every engine has; they can't be removed. */
const predefined = new Set(['bridge', 'host', 'none']);

export function networkRoutes(networks: NetworkStore): Route[] {
  return [
    { method: 'GET', path: '/networks', handle: (request) => listNetworks(networks, request) },
    { method: 'GET', path: '/networks/{id}', handle: (request) => inspectNetwork(networks, request) },
    { method: 'POST', path: '/networks/prune', handle: pruneNetworks },
  ];
}

function listNetworks(networks: NetworkStore, { query }: ApiRequest): Response {
  const filters = parseFilters(query.get('filters'), knownFilters);
  const found = networks.list().filter((network) => matches(network, filters));
  return json(found.map((network) => present(network, [])));
}

/** Predefined networks are never pruned, and there are no others. `system prune` asks this between its other steps. */
function pruneNetworks({ query }: ApiRequest): Response {
  parseFilters(query.get('filters'), ['label', 'label!', 'until']);
  return json({ NetworksDeleted: null });
}

function inspectNetwork(networks: NetworkStore, { params }: ApiRequest): Response {
  const network = networks.resolve(params['id'] ?? '');
  const connected = networks.endpoints().filter(({ networkId }) => networkId === network.id);
  return json(present(network, connected));
}

/** Values of one filter are alternatives, filters add up. Predefined networks have no labels and never dangle. */
function matches(network: NetworkRecord, filters: Filters): boolean {
  const checks: Record<string, (value: string) => boolean> = {
    dangling: (value) => value === 'false' || value === '0',
    driver: (value) => network.driver === value,
    id: (value) => network.id.includes(value),
    label: () => false,
    name: (value) => network.name.includes(value),
    scope: (value) => value === 'local',
    type: (value) => isOfType(network, value),
  };
  return [...filters].every(([name, values]) => values.some((value) => checks[name]?.(value)));
}

function isOfType({ name }: NetworkRecord, type: string): boolean {
  if (type !== 'builtin' && type !== 'custom') throw new InvalidError(`invalid filter: 'type'='${type}'`);
  return predefined.has(name) === (type === 'builtin');
}

function present(network: NetworkRecord, connected: readonly Endpoint[]): Network {
  const { subnet } = network;
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Config: subnet ? [{ Subnet: formatSubnet(subnet), Gateway: formatAddress(gatewayOf(subnet)) }] : [],
      Options: {},
    },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      connected.map((endpoint) => [endpoint.containerId, presentEndpoint(network, endpoint)]),
    ),
    Options: network.bridge === undefined ? {} : bridgeOptions(network.bridge),
    Labels: {},
  };
}

function presentEndpoint({ subnet }: NetworkRecord, endpoint: Endpoint): NetworkContainer {
  const { address } = endpoint;
  return {
    Name: endpoint.containerName,
    EndpointID: endpoint.endpointId,
    MacAddress: endpoint.mac,
    IPv4Address: address !== undefined && subnet ? `${formatAddress(address)}/${subnet.prefixLength}` : '',
    IPv6Address: '',
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
