/** Who the user is to a registry, and to which other hosts that may be told. */
import { isLoopback } from './endpoint.ts';

export type Credentials =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token from an earlier login. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A bearer token, ready for use. */
  | { readonly kind: 'registry-token'; readonly token: string };

export const anonymous: Credentials = { kind: 'anonymous' };

/** The Authorization header of HTTP Basic. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/**
 * True when the token server that a registry names may see the password meant for the registry. A registry that was
 * taken over, or a man in the middle, would otherwise collect it by naming a server of its own (CVE-2026-33540).
 * The same host passes; so does a neighbour or the parent (auth.docker.io for registry-1.docker.io).
 */
export function mayReceiveCredentials(realm: URL, registry: URL): boolean {
  if (realm.protocol !== 'https:' && realm.protocol !== registry.protocol) return false;
  if (realm.username !== '' || realm.password !== '') return false;
  if (isLoopback(registry.hostname))
    return isLoopback(realm.hostname) || realm.hostname === registry.hostname;
  return realm.hostname === registry.hostname || areRelated(realm.hostname, registry.hostname);
}

function areRelated(a: string, b: string): boolean {
  if (isAddress(a) || isAddress(b)) return false;
  if (a.endsWith(`.${b}`) || b.endsWith(`.${a}`)) return isOwnDomain(a.length < b.length ? a : b);
  const parent = a.slice(a.indexOf('.') + 1);
  return parent === b.slice(b.indexOf('.') + 1) && isOwnDomain(parent);
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || /^[\d.]+$/.test(host);
}

/** Domains that anybody can get names below (`com`, `com.br`, `co.uk`) bind nobody together. */
function isOwnDomain(domain: string): boolean {
  const [top = '', second = '', ...rest] = domain.split('.').toReversed();
  if (second === '') return false;
  return rest.length > 0 || top.length > 2 || second.length > 3;
}
