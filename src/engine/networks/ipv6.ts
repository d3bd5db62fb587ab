/** IPv6 addresses and subnets as values: an address is a number of 128 bits. */
import { isIPv6 } from 'node:net';
import { InvalidError } from '../../lib/errors.ts';

export interface Subnet6 {
  /** The first address of the range. */
  readonly base: bigint;
  readonly prefixLength: number;
}

const bits = 128;
const groups = 8;

/** Undefined when the text is none; nor may it name a zone or hold an IPv4 address. */
export function parseAddress6(text: string): bigint | undefined {
  if (!isIPv6(text) || /[.%]/.test(text)) return undefined;
  const [head = '', tail] = text.split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = Array.from({ length: groups - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** As RFC 5952 wants it: lower case, the first of the longest runs of zeros cut out. */
export function formatAddress6(address: bigint): string {
  const hex = address.toString(16).padStart(bits / 4, '0');
  const parts = (hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16));
  const [run = ''] = [...` ${parts.join(' ')} `.matchAll(/ (?:0 ){2,}/g)]
    .map(([found]) => found)
    .toSorted((a, b) => b.length - a.length);
  const text = ` ${parts.join(' ')} `;
  return (run === '' ? text : text.replace(run, '::')).trim().replaceAll(' ', ':');
}

export function addressBytes6(address: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(address.toString(16).padStart(bits / 4, '0'), 'hex'));
}

/** As `fd00:1::/64`. @throws InvalidError */
export function parseSubnet6(text: string): Subnet6 {
  const [base = '', length = ''] = text.split('/', 2);
  const address = parseAddress6(base);
  const prefixLength = Number(length);
  if (address === undefined || !/^\d{1,3}$/.test(length) || prefixLength > bits) {
    throw new InvalidError(`invalid subnet ${text}: not an address and a prefix length`);
  }
  return { base: address - (address % sizeOf6(prefixLength)), prefixLength };
}

export function formatSubnet6({ base, prefixLength }: Subnet6): string {
  return `${formatAddress6(base)}/${prefixLength}`;
}

function sizeOf6(prefixLength: number): bigint {
  return 1n << BigInt(bits - prefixLength);
}

export function isInside6(address: bigint, { base, prefixLength }: Subnet6): boolean {
  return address >= base && address < base + sizeOf6(prefixLength);
}

export function overlaps6(a: Subnet6, b: Subnet6): boolean {
  return isInside6(a.base, b) || isInside6(b.base, a);
}

/** A /64 that is nobody else's: the prefix of local networks, then chance. https://www.rfc-editor.org/rfc/rfc4193 */
export function uniqueLocalSubnet(): Subnet6 {
  const random = Buffer.from(crypto.getRandomValues(new Uint8Array(7))).toString('hex');
  return { base: BigInt(`0xfd${random}`) << 64n, prefixLength: 64 };
}
