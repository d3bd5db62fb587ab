/** Invitations to sign up: a secret that works once, its hash here. */
import { DeniedError, NotFoundError } from '../../lib/errors.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { hashOf, newSecret } from './secret.ts';

export interface Invitation {
  readonly uuid: string;
  /** '': whoever has it may use it. */
  readonly email: string;
  readonly created_at: number;
  readonly expires_at: number;
}

const lifetime = 7 * 24 * 3600 * 1000;
const columns = ['uuid', 'email', 'created_at', 'expires_at'] as const;

export class InvitationStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** @param createdBy undefined: from the shell. */
  async create(
    email: string,
    createdBy: number | undefined,
  ): Promise<{ readonly invitation: Invitation; readonly secret: string }> {
    const secret = newSecret('cais_invite_');
    const now = Date.now();
    const invitation = await this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('invitations').where('expires_at', '<', now).execute();
      return transaction
        .insertInto('invitations')
        .values({
          uuid: crypto.randomUUID(),
          token_hash: hashOf(secret),
          email,
          created_by: createdBy ?? null,
          created_at: now,
          expires_at: now + lifetime,
        })
        .returning(columns)
        .executeTakeFirstOrThrow();
    });
    return { invitation, secret };
  }

  list(): Promise<readonly Invitation[]> {
    return this.#database.queries
      .selectFrom('invitations')
      .select(columns)
      .where('expires_at', '>', Date.now())
      .orderBy('id', 'desc')
      .execute();
  }

  /** @throws NotFoundError */
  async delete(uuid: string): Promise<void> {
    const removed = await this.#database.transaction((transaction) =>
      transaction.deleteFrom('invitations').where('uuid', '=', uuid).executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) throw new NotFoundError('no such invitation');
  }
}

/** Part of the transaction that makes the account: of two who come with one invitation, one signs up. @throws DeniedError */
export async function takeInvitation(transaction: Transaction, secret: string, email: string): Promise<void> {
  const taken = await transaction
    .deleteFrom('invitations')
    .where('token_hash', '=', hashOf(secret))
    .where('expires_at', '>', Date.now())
    .where('email', 'in', ['', email.toLowerCase()])
    .returning('id')
    .executeTakeFirst();
  if (!taken)
    throw new DeniedError('the invitation is not valid: it was used, has expired, or is for another address');
}
