/**
 * How containers on a network of the user's own find each other by name: lines at the end of everybody's /etc/hosts, written anew
 * whenever somebody comes or goes. They stay true while no engine runs, and cost a running container nothing. See decision 0011.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { errnoOf } from '../../lib/errors.ts';
import { formatAddress } from './ipv4.ts';
import type { Files } from './network-files.ts';
import type { Endpoint, NetworkRecord, NetworkStore } from './network-store.ts';

const marker = '# Containers on the same networks, kept by cais\n';

/** The predefined networks have none, as with docker. */
export function hasNames({ name, driver }: Pick<NetworkRecord, 'name' | 'driver'>): boolean {
  return driver === 'bridge' && name !== 'bridge';
}

/** On which names a container answers on one of its networks, the first being its own. */
export function dnsNames({ containerName, containerId, asked }: Endpoint): string[] {
  return [...new Set([containerName, ...(asked.Aliases ?? []), containerId.slice(0, 12)])];
}

/** What the container sees: those who share a network with it, and its own further addresses. */
export function namesFor(store: NetworkStore, containerId: string): string {
  const own = store.endpointsOf(containerId);
  const lines = own
    .filter(({ networkId }) => hasNames(store.resolve(networkId)))
    .flatMap((mine) =>
      store
        .endpointsOn(mine.networkId)
        .filter((other) => other.address !== undefined)
        .map((other) => lineOf(mine, other)),
    );
  return lines.length === 0 ? '' : `${marker}${lines.join('')}`;
}

function lineOf(mine: Endpoint, other: Endpoint): string {
  const linked = (mine.asked.Links ?? []).flatMap((link) => {
    const [target = '', alias = target] = link.split(':');
    return dnsNames(other).includes(target) || other.containerId.startsWith(target) ? [alias] : [];
  });
  const names = [...new Set([...dnsNames(other), ...linked])];
  return `${formatAddress(other.address ?? 0)}\t${names.join(' ')}\n`;
}

/** In place, not renamed: the container has this very file mounted. What it wrote above the marker stays. */
export function rewriteNames({ hosts }: Files, names: string): void {
  try {
    const [head = ''] = readFileSync(hosts, 'utf8').split(marker, 1);
    writeFileSync(hosts, `${head}${names}`);
  } catch (error) {
    // Removed meanwhile.
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
