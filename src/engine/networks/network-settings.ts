/** A container's networks as `GET /containers/{id}/json` shows them. */
import type { EndpointSettings, HostConfig, NetworkSettings } from '../../engine-api/types.ts';
import { gateway6Of, subnet6Of } from './free-address6.ts';
import { formatAddress } from './ipv4.ts';
import { formatAddress6 } from './ipv6.ts';
import { dnsNames, hasNames } from './network-names.ts';
import type { Endpoint, NetworkRecord } from './network-record.ts';
import { gatewayOf } from './network-store.ts';
import { toPortMap } from './port-bindings.ts';

/** What one network gives, and the default one repeats at the top. */
type Place = Pick<
  EndpointSettings,
  | 'Gateway'
  | 'IPAddress'
  | 'IPPrefixLen'
  | 'IPv6Gateway'
  | 'GlobalIPv6Address'
  | 'GlobalIPv6PrefixLen'
  | 'MacAddress'
  | 'EndpointID'
>;

const nowhere: Place = {
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  MacAddress: '',
  EndpointID: '',
};

/** Of a container that is connected. The fields at the top are those of the default network. */
export function connectedSettings(
  connected: readonly (readonly [NetworkRecord, Endpoint])[],
): NetworkSettings {
  const [, first] = connected[0] ?? [];
  const standard = connected.find(([network]) => network.driver === 'bridge' && network.name === 'bridge');
  return {
    ...emptySettings(),
    ...(standard && placeOf(...standard)),
    SandboxID: first?.endpointId ?? '',
    SandboxKey: first?.netnsPath ?? '',
    Ports: toPortMap(
      connected.flatMap(([, endpoint]) => endpoint.ports),
      first?.exposed ?? [],
    ),
    Networks: Object.fromEntries(connected.map((pair) => [pair[0].name, settingsOf(...pair)])),
  };
}

function settingsOf(network: NetworkRecord, endpoint: Endpoint): EndpointSettings {
  const { asked } = endpoint;
  const plain = {
    ...endpointSettings(placeOf(network, endpoint), network.id),
    IPAMConfig: asked.IPAMConfig ?? null,
    DriverOpts: asked.DriverOpts ?? null,
    GwPriority: asked.GwPriority ?? 0,
  };
  if (!hasNames(network)) return plain;
  return {
    ...plain,
    Links: asked.Links,
    // Clients before 1.44 (docker-compose 1) look for the short id here.
    Aliases: [...(asked.Aliases ?? []), endpoint.containerId.slice(0, 12)],
    DNSNames: dnsNames(endpoint),
  };
}

/** Of a container that is not: created, stopped, or in another one's network. */
export function disconnectedSettings(hostConfig: HostConfig): NetworkSettings {
  const mode = networkName(hostConfig);
  return {
    ...emptySettings(),
    Networks: mode.startsWith('container:') ? {} : { [mode]: endpointSettings(nowhere, '') },
  };
}

/** `default` and nothing mean the bridge. */
export function networkName({ NetworkMode }: Pick<HostConfig, 'NetworkMode'>): string {
  return !NetworkMode || NetworkMode === 'default' ? 'bridge' : NetworkMode;
}

function placeOf(network: NetworkRecord, endpoint: Endpoint): Place {
  const { subnet, options } = network;
  if (subnet === undefined || endpoint.address === undefined) {
    return { ...nowhere, EndpointID: endpoint.endpointId };
  }
  return {
    ...nowhere,
    Gateway: options.internal ? '' : formatAddress(gatewayOf(network) ?? 0),
    IPAddress: formatAddress(endpoint.address),
    IPPrefixLen: subnet.prefixLength,
    ...place6Of(network, endpoint),
    MacAddress: endpoint.mac,
    EndpointID: endpoint.endpointId,
  };
}

function place6Of(network: NetworkRecord, { address6 }: Endpoint): Partial<Place> {
  const subnet = subnet6Of(network);
  if (!subnet || address6 === undefined) return {};
  return {
    GlobalIPv6Address: address6,
    GlobalIPv6PrefixLen: subnet.prefixLength,
    IPv6Gateway: network.options.internal ? '' : formatAddress6(gateway6Of(network) ?? 0n),
  };
}

function endpointSettings(place: Place, networkId: string): EndpointSettings {
  return { DriverOpts: null, GwPriority: 0, NetworkID: networkId, ...place };
}

function emptySettings(): NetworkSettings {
  return {
    Bridge: '',
    SandboxID: '',
    SandboxKey: '',
    Ports: {},
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...nowhere,
    Networks: {},
  };
}
