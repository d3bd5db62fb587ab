/** IPv4 addresses and subnets as values: an address is a number of 32 bits. */
import { InvalidError } from '../../lib/errors.ts';

export interface Subnet {
  /** The first address of the range. */
  readonly base: number;
  readonly prefixLength: number;
}

/** Undefined when the text is no dotted quad. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((address, part) => address * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return addressBytes(address).join('.');
}

export function addressBytes(address: number): Uint8Array {
  return new Uint8Array([address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255]);
}

/** As `172.17.0.0/16`. @throws InvalidError */
export function parseSubnet(text: string): Subnet {
  const [base = '', length = ''] = text.split('/', 2);
  const address = parseAddress(base);
  const prefixLength = Number(length);
  if (address === undefined || !/^\d{1,2}$/.test(length) || prefixLength > 32) {
    throw new InvalidError(`invalid subnet ${text}: not an address and a prefix length`);
  }
  return { base: address - (address % sizeOf(prefixLength)), prefixLength };
}

export function formatSubnet({ base, prefixLength }: Subnet): string {
  return `${formatAddress(base)}/${prefixLength}`;
}

/** Addresses in it, its own name and the broadcast included. */
export function sizeOf(prefixLength: number): number {
  return 2 ** (32 - prefixLength);
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.base < b.base + sizeOf(b.prefixLength) && b.base < a.base + sizeOf(a.prefixLength);
}

/** Docker's rule: locally administered 02:42, then the address. */
export function macFor(address: number): Uint8Array {
  return new Uint8Array([2, 0x42, ...addressBytes(address)]);
}

export function formatMac(mac: Uint8Array): string {
  return [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** @throws InvalidError in docker's words. */
export function parseMac(text: string): Uint8Array {
  const bytes = text.split(/[:-]/);
  if (bytes.length !== 6 || !bytes.every((byte) => /^[0-9a-fA-F]{2}$/.test(byte))) {
    throw new InvalidError(`invalid MAC address: ${text}`);
  }
  return new Uint8Array(bytes.map((byte) => Number.parseInt(byte, 16)));
}
