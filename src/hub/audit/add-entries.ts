/** Writes entries of the audit log, as part of the transaction that does what they tell of. */
import { sql } from 'kysely';
import type { Transaction } from '../db/transaction.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import type { AuditAction } from './actions.ts';
import type { Actor } from './current-actor.ts';

/** Of one entry: short texts by name, none of them secret. */
export type AuditData = Readonly<Record<string, string>>;

export interface NewEntry {
  readonly action: AuditAction;
  /** Whose log it is in: an account, an organization; '' the hub's. */
  readonly account: string;
  /** What it was done to: a repository's path, an organization, an account. */
  readonly name: string;
  /** A repository's path: its activity tells it, wherever it goes. */
  readonly repository?: string;
  readonly data?: AuditData;
  /** Refused: it did not happen. */
  readonly isRefused?: boolean;
  /** How often, of what is told once for many. */
  readonly times?: number;
}

const maxLength = 512;

/** All in one statement. */
export async function addEntries(
  transaction: Transaction,
  entries: readonly NewEntry[],
  { actor, at }: { readonly actor: Actor; readonly at: number },
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(
    ({ action, account, name, repository, data = {}, isRefused = false, times = 1 }) => sql`(${at}, ${action},
      ${isRefused ? 'refused' : 'done'}, ${actor.name}, ${actor.accountId ?? null}, ${bounded(actor.token)},
      ${bounded(actor.address)}, ${actor.requestId ?? null}, ${bounded(account)}, ${bounded(name)},
      ${repository === undefined ? null : idOf(repository)}, ${textOf(data)}, ${times})`,
  );
  await sql`INSERT INTO audit (happened_at, action, outcome, actor, actor_id, token, address, request_id,
      account, name, repository_id, data, times)
    VALUES ${sql.join(rows)}`.execute(transaction);
}

/** By the name that it had: it may have been given another by now, or be deleted. */
function idOf(repository: string) {
  const path = tryParseRepositoryPath(repository);
  const named = sql`namespace = ${path?.namespace ?? ''} AND name = ${path?.name ?? ''}`;
  return sql`(SELECT coalesce(
    (SELECT id FROM repositories WHERE ${named}),
    (SELECT repository_id FROM repository_redirects WHERE ${named}),
    (SELECT repository_id FROM deleted_repositories WHERE ${named} ORDER BY deleted_at DESC LIMIT 1)))`;
}

function bounded(text: string | undefined): string | null {
  return text === undefined ? null : text.slice(0, maxLength);
}

function textOf(data: AuditData): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(data).map(([name, text]) => [name, bounded(text)])),
  );
}
