/** The options of docker's bridge driver that count here. https://docs.docker.com/engine/network/drivers/bridge/#options */
import type { NetworkRecord } from './network-store.ts';

export const driverOption = {
  name: 'com.docker.network.bridge.name',
  icc: 'com.docker.network.bridge.enable_icc',
  masquerade: 'com.docker.network.bridge.enable_ip_masquerade',
  binding: 'com.docker.network.bridge.host_binding_ipv4',
  mtu: 'com.docker.network.driver.mtu',
} as const;

/** Undefined for the kernel's own. */
export function mtuOf({ options }: Pick<NetworkRecord, 'options'>): number | undefined {
  const text = options.driver?.[driverOption.mtu];
  return text === undefined ? undefined : Number(text);
}
