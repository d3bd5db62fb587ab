/**
 * Where webhooks may go. Anybody may give an address, so none may lead into the hub's own network: the name is resolved here, every
 * address is looked at, and the connection goes to the one that was looked at. A name that answers otherwise later changes nothing.
 */
import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { DeniedError, InvalidError, UnavailableError } from '../../lib/errors.ts';
import type { Networks } from '../limits/client-address.ts';

export interface Target {
  readonly url: URL;
  /** The one to connect to. */
  readonly address: string;
}

const maxLength = 2048;

/** @throws InvalidError */
export function readTarget(text: string): URL {
  const url = text.length <= maxLength ? URL.parse(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new InvalidError('an address like https://ci.example/hook is expected');
  if (url.username !== '' || url.password !== '') throw new InvalidError('the address may hold no password');
  return url;
}

/** @param allowed networks that are open although they are private. @throws DeniedError, UnavailableError */
export async function resolveTarget(url: URL, allowed: Networks): Promise<Target> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = ipaddr.isValid(host) ? [host] : await addressesOf(host);
  const [address] = addresses;
  if (address === undefined) throw new UnavailableError(`${host} has no address`);
  if (!addresses.every((each) => isPublic(each) || allowed.includes(each))) {
    throw new DeniedError(
      `${host} is in a private network: an administrator allows it with --webhook-allow ${address}`,
    );
  }
  return { url, address };
}

/** Loopback, private, link-local, carrier's and all that is reserved is not; nor what only wraps such an address. */
function isPublic(address: string): boolean {
  return ipaddr.process(address).range() === 'unicast';
}

async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new UnavailableError(`cannot resolve ${host}`, { cause });
  }
}
