/** What access tokens of people and of organizations have in common: what their bodies say, and how changes of them are told. */
import type { AccessToken } from '../accounts/access-token-store.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import type { TokenScope } from '../db/schema.ts';
import type { HubEvent } from '../events.ts';
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

/** @param account whose token it is. */
export function tokenChanged(
  account: string,
  { uuid, label }: AccessToken,
  change: 'created' | 'updated' | 'deleted',
): HubEvent {
  return { kind: 'access-token-changed', account, token: uuid, label, change };
}
