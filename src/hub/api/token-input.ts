/** What the bodies that make access tokens have in common: an end, and repositories by their paths. */
import { FieldsError } from '../accounts/sign-up.ts';
import type { TokenScope } from '../db/schema.ts';
import { type RepositoryPath, tryParseRepositoryPath } from '../repositories/repository-path.ts';

/** Each holds those before it. */
const scopes: readonly TokenScope[] = ['public_read', 'read', 'write', 'delete', 'admin'];

/** Of several the widest counts. */
export function widest(names: readonly string[]): TokenScope {
  return scopes.findLast((scope) => names.includes(scope)) ?? 'public_read';
}

/** @throws FieldsError */
export function readExpiry(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  const time = Date.parse(text);
  if (time > Date.now()) return time;
  throw new FieldsError({ expires_at: ['this time is over already'] });
}

/** @param field to name when it is none. @throws FieldsError */
export function readRepository(field: string, text: string): RepositoryPath {
  const path = tryParseRepositoryPath(text);
  if (path && path.namespace !== '') return path;
  throw new FieldsError({ [field]: [`${text} is not a repository like team/app`] });
}
