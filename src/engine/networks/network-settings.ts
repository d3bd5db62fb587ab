/** A container's networks as `GET /containers/{id}/json` shows them. */
import type { EndpointSettings, HostConfig, NetworkSettings } from '../../engine-api/types.ts';
import { formatAddress } from './ipv4.ts';
import { type Endpoint, gatewayOf, type NetworkRecord } from './network-store.ts';
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

/** Of a container that is connected. */
export function connectedSettings(network: NetworkRecord, endpoint: Endpoint): NetworkSettings {
  const place = placeOf(network, endpoint);
  const netnsPath = endpoint.netnsPath ?? '';
  return {
    ...emptySettings(),
    ...(network.driver === 'bridge' && place),
    SandboxID: endpoint.endpointId,
    SandboxKey: netnsPath,
    Ports: toPortMap(endpoint.ports, endpoint.exposed),
    Networks: { [network.name]: endpointSettings(place, network.id) },
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

function placeOf({ subnet }: NetworkRecord, endpoint: Endpoint): Place {
  if (subnet === undefined || endpoint.address === undefined) {
    return { ...nowhere, EndpointID: endpoint.endpointId };
  }
  return {
    ...nowhere,
    Gateway: formatAddress(gatewayOf(subnet)),
    IPAddress: formatAddress(endpoint.address),
    IPPrefixLen: subnet.prefixLength,
    MacAddress: endpoint.mac,
    EndpointID: endpoint.endpointId,
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
