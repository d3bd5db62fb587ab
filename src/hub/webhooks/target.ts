/**
 * Where webhooks may go. Anybody may give an address, so none may lead into the hub's own network: the name is resolved here, every
 * address is looked at, and the connection goes to the one that was looked at. A name that answers otherwise later changes nothing.
 */
import { DeniedError, InvalidError, UnavailableError } from '../../lib/errors.ts';
import { addressesOf, isPublic } from '../limits/addresses.ts';
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
  const addresses = await addressesOf(url);
  const [address] = addresses;
  if (address === undefined) throw new UnavailableError(`${url.hostname} has no address`);
  if (!addresses.every((each) => isPublic(each) || allowed.includes(each))) {
    throw new DeniedError(
      `${url.hostname} is in a private network: an administrator allows it with --webhook-allow ${address}`,
    );
  }
  return { url, address };
}
