/** The options of docker's bridge driver that count here. https://docs.docker.com/engine/network/drivers/bridge/#options */
import type { NetworkRecord } from './network-record.ts';

export const driverOption = {
  name: 'com.docker.network.bridge.name',
  icc: 'com.docker.network.bridge.enable_icc',
  masquerade: 'com.docker.network.bridge.enable_ip_masquerade',
  binding: 'com.docker.network.bridge.host_binding_ipv4',
  mtu: 'com.docker.network.driver.mtu',
} as const;

/** Where published ports are bound that name no address; undefined: on all of them. */
export function bindingOf({ options }: Pick<NetworkRecord, 'options'>): string | undefined {
  const address = options.driver?.[driverOption.binding];
  return address === '0.0.0.0' ? undefined : address;
}

/** Undefined for the kernel's own. */
export function mtuOf({ options }: Pick<NetworkRecord, 'options'>): number | undefined {
  const text = options.driver?.[driverOption.mtu];
  return text === undefined ? undefined : Number(text);
}
