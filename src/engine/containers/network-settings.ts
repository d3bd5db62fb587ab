/** NetworkSettings of a container, also of one that is not connected: every field with docker's zero values. */
import type { EndpointSettings, NetworkSettings, PortMap } from '../../engine-api/types.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { type ContainerRecord, hasProcess } from './state.ts';

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

function unconnected(record: ContainerRecord): Record<string, EndpointSettings> {
  const { hostConfig, endpoints } = record;
  const mode = hostConfig.NetworkMode ?? 'bridge';
  // One that runs has been taken off all of them.
  if (mode.startsWith('container:') || hasProcess(record.state)) return {};
  const names = Object.keys(endpoints).length > 0 ? Object.keys(endpoints) : [mode];
  return Object.fromEntries(
    names.map((name) => [name === 'default' ? 'bridge' : name, configured(record, endpoints[name])]),
  );
}

/** What it will ask for; with the short id among the aliases, where old clients look for it. */
function configured({ id, hostConfig }: ContainerRecord, asked: EndpointSettings = {}): EndpointSettings {
  const isPredefined = ['bridge', 'host', 'none', 'default'].includes(hostConfig.NetworkMode ?? 'bridge');
  if (isPredefined && !asked.Aliases) return { ...zeroEndpoint, ...asked };
  return { ...zeroEndpoint, ...asked, Aliases: [...(asked.Aliases ?? []), id.slice(0, 12)] };
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
