/**
 * Where an upstream registry may send the hub: it names a token server, and redirects to where its blobs are. The hub stands in a
 * network that the registry does not see, so it follows to addresses that are everybody's. What it found elsewhere it would hand
 * over: a token server's answer goes to the registry as a token.
 */
import { UnavailableError } from '../../lib/errors.ts';
import { addressesOf, isPublic, rangeOf } from '../limits/addresses.ts';
import type { Networks } from '../limits/client-address.ts';

/** Of this machine alone, or what clouds tell a machine about itself: for those only who are there themselves. */
const ownRanges: ReadonlySet<string> = new Set(['loopback', 'linkLocal', 'unspecified']);

/**
 * A registry in a private network, as a company's mirror is, may lead to others there.
 * @param allowed private networks that an administrator lets all registries lead to.
 * @returns the address to connect to. By TLS it is undefined: whoever is at another one a moment later has no certificate of the name.
 * @throws UnavailableError
 */
export async function requireReach(
  registry: URL,
  target: URL,
  allowed: Networks,
): Promise<string | undefined> {
  if (target.origin === registry.origin) return undefined;
  if (!/^https?:$/.test(target.protocol) || (registry.protocol === 'https:' && target.protocol === 'http:'))
    throw refusal(registry, target);
  const isSecure = target.protocol === 'https:';
  const addresses = isSecure ? await known(target) : await addressesOf(target);
  const inner = addresses.filter((address) => !isPublic(address) && !allowed.includes(address)).map(rangeOf);
  if (inner.length > 0) {
    const own = (await known(registry)).filter((address) => !isPublic(address)).map(rangeOf);
    const mayGo = (range: string): boolean =>
      own.includes(range) || (own.length > 0 && !ownRanges.has(range));
    if (!inner.every(mayGo))
      throw refusal(registry, target, ': an administrator may allow that network with --upstream-reach');
  }
  return isSecure ? undefined : addresses[0];
}

/** A proxy may know names that this machine does not; without one, what has no address is not reached either. Of what TLS secures. */
async function known(url: URL): Promise<readonly string[]> {
  try {
    return await addressesOf(url);
  } catch (error) {
    if (error instanceof UnavailableError) return [];
    throw error;
  }
}

function refusal(registry: URL, target: URL, advice = ''): UnavailableError {
  return new UnavailableError(
    `${registry.host} leads to ${target.origin}, where this hub does not follow${advice}`,
  );
}
