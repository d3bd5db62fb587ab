/** Where a repository is on this hub: `namespace/name`, as in its registry address. The name may have several parts. */
import { InvalidError } from '../../lib/errors.ts';
import { isRepositoryPath } from '../../oci/image/reference.ts';

/** Made only by `tryParseRepositoryPath` and `parseRepositoryPath`: always well formed. */
export interface RepositoryPath {
  /** '' where the path has one part only: such a repository belongs to nobody and never exists. */
  readonly namespace: string;
  readonly name: string;
  /** Both together. */
  readonly path: string;
}

export function tryParseRepositoryPath(path: string): RepositoryPath | undefined {
  if (!isRepositoryPath(path)) return undefined;
  const slash = path.indexOf('/');
  return { namespace: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1), path };
}

/** @throws InvalidError */
export function parseRepositoryPath(namespace: string, name: string): RepositoryPath {
  const parsed = tryParseRepositoryPath(`${namespace}/${name}`);
  if (!parsed || parsed.namespace !== namespace) throw new InvalidError('invalid repository name');
  return parsed;
}

/** What people see: official images without their namespace. */
export function familiarPath(namespace: string, name: string): string {
  return namespace === 'library' ? name : `${namespace}/${name}`;
}
