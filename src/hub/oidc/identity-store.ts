/** Which account an identity at a provider opens. */
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { ProvedIdentity } from './proved-identity.ts';

export type IdentityKey = Pick<ProvedIdentity, 'issuer' | 'subject' | 'email'>;

export interface LinkedIdentity {
  readonly issuer: string;
  readonly email: string;
  readonly created_at: number;
  readonly last_used_at: number;
}

export class IdentityStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** The id of the account that it opens, and that it was used now. */
  async use({ issuer, subject, email }: IdentityKey): Promise<number | undefined> {
    const used = await this.#database.queries
      .updateTable('identities')
      .set({ last_used_at: Date.now(), email })
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .returning('account_id')
      .executeTakeFirst();
    return used?.account_id;
  }

  /** The id of the account that it opens, whether it is used or not. */
  async find(issuer: string, subject: string): Promise<number | undefined> {
    const found = await this.#database.queries
      .selectFrom('identities')
      .select('account_id')
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .executeTakeFirst();
    return found?.account_id;
  }

  /** The one of this provider that opens the account. */
  of(accountId: number, issuer: string): Promise<LinkedIdentity | undefined> {
    return this.#database.queries
      .selectFrom('identities')
      .select(['issuer', 'email', 'created_at', 'last_used_at'])
      .where('account_id', '=', accountId)
      .where('issuer', '=', issuer)
      .executeTakeFirst();
  }

  /** @throws ConflictError when it opens an account already, or the account has another one of this provider. */
  link(identity: IdentityKey, accountId: number): Promise<void> {
    return this.#database.transaction((transaction) => linkIdentity(transaction, identity, accountId));
  }

  /** @throws NotFoundError */
  async unlink(accountId: number, issuer: string): Promise<void> {
    const removed = await this.#database.transaction((transaction) =>
      transaction
        .deleteFrom('identities')
        .where('account_id', '=', accountId)
        .where('issuer', '=', issuer)
        .executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) throw new NotFoundError('no identity is linked');
  }
}

/** Part of the transaction that makes the account, too. @throws ConflictError */
export async function linkIdentity(
  transaction: Transaction,
  { issuer, subject, email }: IdentityKey,
  accountId: number,
): Promise<void> {
  const now = Date.now();
  const linked = await transaction
    .insertInto('identities')
    .values({ issuer, subject, email, account_id: accountId, created_at: now, last_used_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (linked.numInsertedOrUpdatedRows === 0n)
    throw new ConflictError('this identity opens another account, or the account has another identity');
}
