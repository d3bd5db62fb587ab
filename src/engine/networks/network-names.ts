/** On which names containers answer on networks of the user's own, and the same as lines of /etc/hosts. */
import { formatAddress } from './ipv4.ts';
import type { Endpoint, NetworkRecord } from './network-record.ts';
import type { NetworkStore } from './network-store.ts';

/** The predefined networks have none, as with docker. */
export function hasNames({ name, driver }: Pick<NetworkRecord, 'name' | 'driver'>): boolean {
  return driver === 'bridge' && name !== 'bridge';
}

/** On which names a container answers on one of its networks, the first being its own. */
export function dnsNames({ containerName, containerId, asked }: Endpoint): string[] {
  return [...new Set([containerName, ...(asked.Aliases ?? []), containerId.slice(0, 12)])];
}

/** On which names another container answers to this one alone. */
export function linkedNames(mine: Endpoint, other: Endpoint): string[] {
  return (mine.asked.Links ?? []).flatMap((link) => {
    const [target = '', alias = target] = link.split(':');
    const isMeant =
      target !== '' && (dnsNames(other).includes(target) || other.containerId.startsWith(target));
    return isMeant ? [alias] : [];
  });
}

/** What the container sees: those who share a network with it, and its own further addresses. */
export function hostsLines(store: NetworkStore, containerId: string): string {
  return store
    .endpointsOf(containerId)
    .filter(({ networkId }) => hasNames(store.resolve(networkId)))
    .flatMap((mine) =>
      store
        .endpointsOn(mine.networkId)
        .filter((other) => other.address !== undefined)
        .map((other) => lineOf(mine, other)),
    )
    .join('');
}

function lineOf(mine: Endpoint, other: Endpoint): string {
  const names = [...new Set([...dnsNames(other), ...linkedNames(mine, other)])];
  const addresses = [
    formatAddress(other.address ?? 0),
    ...(other.address6 === undefined ? [] : [other.address6]),
  ];
  return addresses.map((address) => `${address}\t${names.join(' ')}\n`).join('');
}
