/** A subnet that nothing on this host routes to yet: docker's pools in docker's order. */
import { readFile } from 'node:fs/promises';
import { UnavailableError } from '../../lib/errors.ts';
import { overlaps, parseSubnet, type Subnet } from './ipv4.ts';

export interface Route {
  readonly interfaceName: string;
  readonly destination: Subnet;
}

/** 172.17.0.0/16 to 172.31.0.0/16, then sixteen /20 of 192.168.0.0/16. */
const pools: readonly Subnet[] = [
  ...Array.from({ length: 15 }, (_, at) => parseSubnet(`172.${17 + at}.0.0/16`)),
  ...Array.from({ length: 16 }, (_, at) => parseSubnet(`192.168.${at * 16}.0/20`)),
];

/** The host's routes, the default one left out. */
export async function readRoutes(): Promise<Route[]> {
  return parseRoutes(await readFile('/proc/net/route', 'utf8'));
}

/** /proc/net/route: addresses in hex, bytes in the host's order. */
export function parseRoutes(text: string): Route[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [interfaceName = '', destination = '', , , , , , mask = ''] = line.split('\t');
      const prefixLength = parseHex(mask).toString(2).replaceAll('0', '').length;
      if (interfaceName === '' || prefixLength === 0) return [];
      return [{ interfaceName, destination: { base: parseHex(destination), prefixLength } }];
    });
}

/**
 * The subnets that no route touches. `taken` are those of networks whose bridge does not exist at the moment.
 * @throws UnavailableError when all are in use.
 */
export function freeSubnets(routes: readonly Route[], taken: readonly Subnet[] = []): [Subnet, ...Subnet[]] {
  const used = [...routes.map((route) => route.destination), ...taken];
  const [first, ...rest] = pools.filter((pool) => !used.some((subnet) => overlaps(pool, subnet)));
  if (!first) {
    throw new UnavailableError(
      'could not find an available, non-overlapping IPv4 address pool for the network',
    );
  }
  return [first, ...rest];
}

function parseHex(text: string): number {
  const bytes = text.match(/../g) ?? [];
  return bytes.toReversed().reduce((value, byte) => value * 256 + Number.parseInt(byte, 16), 0);
}
