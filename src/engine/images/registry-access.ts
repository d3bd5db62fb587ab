/** How the verbs that talk to registries get at one: the host map, and the caller's credentials. */
import { RegistryClient } from '../../oci/distribution/client.ts';
import type { Credentials } from '../../oci/distribution/credentials.ts';
import { endpointOf, type RegistryHosts } from '../../oci/distribution/endpoint.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';

export interface RegistryAccess {
  readonly hosts: RegistryHosts;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

export function clientFor(
  name: RepositoryName,
  access: RegistryAccess,
  actions: readonly ('pull' | 'push')[],
): RegistryClient {
  const { hosts, credentials, signal } = access;
  return new RegistryClient({ endpoint: endpointOf(name.domain, hosts), credentials, signal }, actions);
}

/** What happened to an image, for `docker events`. */
type ImageAction =
  | 'pull'
  | 'push'
  | 'tag'
  | 'untag'
  | 'delete'
  | 'load'
  | 'import'
  | 'save'
  | 'create'
  | 'prune';

/** @param subject the id or the name, as docker's events have it. */
export type EmitImageEvent = (
  action: ImageAction,
  subject: string,
  attributes: Readonly<Record<string, string>>,
) => void;
