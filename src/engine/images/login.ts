/** `docker login`: proves a name and a password to a registry. Nothing is kept: that is the client's part. */
import { DeniedError, UnauthorizedError } from '../../lib/errors.ts';
import { RegistryClient } from '../../oci/distribution/client.ts';
import { endpointOf } from '../../oci/distribution/endpoint.ts';
import { domainError, RegistryError } from '../../oci/distribution/errors.ts';
import { defaultDomain } from '../../oci/image/reference.ts';
import type { RegistryAccess } from './registry-access.ts';

export interface LoginRequest extends RegistryAccess {
  /** As the client names it: empty for the hub, a host, or a URL such as https://index.docker.io/v1/. */
  readonly serverAddress: string;
}

export interface LoginResult {
  readonly Status: string;
  /** A refresh token that replaces the password, where the registry gives one. */
  readonly IdentityToken: string;
}

/** @throws UnauthorizedError with the registry's words. */
export async function login({
  serverAddress,
  hosts,
  credentials,
  signal,
}: LoginRequest): Promise<LoginResult> {
  const domain = domainOf(serverAddress);
  const client = new RegistryClient({
    endpoint: endpointOf(domain, hosts),
    credentials,
    signal,
    offline: true,
  });
  try {
    await client.ping();
  } catch (error) {
    throw loginError(error, domain);
  }
  return { Status: 'Login Succeeded', IdentityToken: client.identityToken ?? '' };
}

function domainOf(serverAddress: string): string {
  const host = serverAddress.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return host === '' ? defaultDomain : host;
}

/** The second 401 comes after the password was sent: it is wrong, whatever the registry calls it. */
function loginError(error: unknown, domain: string): unknown {
  if (error instanceof RegistryError && error.status === 401) {
    return new UnauthorizedError(
      `login attempt to https://${domain}/v2/ failed with status: 401 Unauthorized`,
    );
  }
  const known = domainError(error);
  if (known instanceof UnauthorizedError || known instanceof DeniedError) {
    return new UnauthorizedError(`Get "https://${domain}/v2/": ${known.message}`, { cause: error });
  }
  return known;
}
