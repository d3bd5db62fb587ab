/** Addresses that names stand for, and which of them are everybody's: the hub goes on a stranger's word to no others. */
import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { UnavailableError } from '../../lib/errors.ts';

/** All addresses of a URL's host. @throws UnavailableError when it has none */
export async function addressesOf({ hostname }: URL): Promise<readonly string[]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host)) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new UnavailableError(`cannot resolve ${host}`, { cause });
  }
}

/** Loopback, private, link-local, carrier's and all that is reserved is not; nor what only wraps such an address. */
export function isPublic(address: string): boolean {
  return rangeOf(address) === 'unicast';
}

/** `unicast`, `private`, `loopback`, `linkLocal`…: of what it wraps, where it wraps an address. */
export function rangeOf(address: string): string {
  return ipaddr.process(address).range();
}
