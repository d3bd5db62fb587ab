/** What the engine knows by itself: the names and addresses of containers on the same networks. */
import type { Answer } from 'dns-packet';
import { formatAddress, parseAddress } from '../ipv4.ts';
import { formatAddress6 } from '../ipv6.ts';
import { lowerCase, type Query } from './message.ts';

/** Who knows the names. Neither method may take long: all containers wait meanwhile. */
export interface NameSource {
  /**
   * @param name in lower case, without a dot at its end.
   * @returns addresses of this kind, none being "there is no address"; undefined: not a name of ours, ask upstream.
   */
  lookup(containerId: string, name: string, family: 4 | 6): readonly string[] | undefined;
  /** The name behind an address, IPv6 as RFC 5952 writes it; undefined: not one of ours. */
  reverse(containerId: string, address: string): string | undefined;
}

/** Seconds, as docker's. */
const ttl = 600;

/**
 * The records of the answer, none being "the name is there, and has nothing of this type"; undefined: not ours.
 * @param turn which of several addresses comes first.
 */
export function ownAnswers(
  source: NameSource,
  containerId: string,
  query: Query,
  turn: number,
): Answer[] | undefined {
  if (!query.isInternet) return undefined;
  const name = lowerCase(query.name).replace(/\.$/, '');
  if (name === '') return undefined;
  const addresses = (type: 'A' | 'AAAA', found: readonly string[] | undefined): Answer[] | undefined =>
    rotate(found, turn)?.map((data) => ({ type, name: query.name, ttl, data }));
  switch (query.type) {
    case 'A':
      return addresses('A', source.lookup(containerId, name, 4));
    case 'AAAA':
      return addresses('AAAA', source.lookup(containerId, name, 6));
    // Mail without an MX record goes to the address itself (RFC 5321, 5.1), if the answer is not "no such name".
    case 'MX':
      return source.lookup(containerId, name, 4) === undefined ? undefined : [];
    case 'PTR':
      return pointer(source, containerId, query.name, reversedAddress(name));
    default:
      return undefined;
  }
}

function pointer(
  source: NameSource,
  containerId: string,
  name: string,
  address: string | undefined,
): Answer[] | undefined {
  const data = address === undefined ? undefined : source.reverse(containerId, address);
  return data === undefined || !isCarried(data) ? undefined : [{ type: 'PTR', name, ttl, data }];
}

/** `4.3.2.1.in-addr.arpa` is 1.2.3.4; of IPv6 each hex digit is a label of `ip6.arpa`. */
function reversedAddress(name: string): string | undefined {
  const [, digits] = /^((?:[\da-f]\.){32})ip6\.arpa$/.exec(name) ?? [];
  if (digits !== undefined) {
    return formatAddress6(BigInt(`0x${digits.split('.').toReversed().join('')}`));
  }
  const [, labels] = /^([\d.]+)\.in-addr\.arpa$/.exec(name) ?? [];
  const address = parseAddress(labels?.split('.').toReversed().join('.') ?? '');
  return address === undefined ? undefined : formatAddress(address);
}

/** Docker bounds no container's name; DNS does, and the library would write a longer one as nonsense. */
function isCarried(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return (
    Buffer.byteLength(name) <= 253 && labels.every((label) => label !== '' && Buffer.byteLength(label) <= 63)
  );
}

function rotate(addresses: readonly string[] | undefined, turn: number): readonly string[] | undefined {
  if (addresses === undefined || addresses.length === 0) return addresses;
  const first = turn % addresses.length;
  return [...addresses.slice(first), ...addresses.slice(0, first)];
}
