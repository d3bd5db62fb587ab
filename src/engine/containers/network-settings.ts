/** NetworkSettings of a container, also of one that is not connected: every field with docker's zero values. */
import type { EndpointSettings, NetworkSettings, PortMap } from '../../engine-api/types.ts';
import type { ContainerDependencies } from './dependencies.ts';
import type { ContainerRecord } from './state.ts';

export function networkSettings(
  { networks }: Pick<ContainerDependencies, 'networks'>,
  record: ContainerRecord,
): NetworkSettings {
  const settings = networks.settings(record.id);
  return {
    ...zeroSettings,
    ...settings,
    Networks: settings?.Networks ?? unconnected(record),
    Ports: settings?.Ports ?? ({} satisfies PortMap),
  };
}

function unconnected({ hostConfig }: ContainerRecord): Record<string, EndpointSettings> {
  const mode = hostConfig.NetworkMode ?? 'bridge';
  return mode.startsWith('container:') ? {} : { [mode]: zeroEndpoint };
}

const zeroSettings: NetworkSettings = {
  Bridge: '',
  SandboxID: '',
  SandboxKey: '',
  HairpinMode: false,
  LinkLocalIPv6Address: '',
  LinkLocalIPv6PrefixLen: 0,
  SecondaryIPAddresses: null,
  SecondaryIPv6Addresses: null,
  EndpointID: '',
  Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  MacAddress: '',
};

const zeroEndpoint = {
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  MacAddress: '',
  DriverOpts: null,
  GwPriority: 0,
  NetworkID: '',
  EndpointID: '',
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  DNSNames: null,
} as unknown as EndpointSettings;
