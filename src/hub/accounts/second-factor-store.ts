/** What an account's second factor is checked against. Every code works once: what was taken is written down as it is taken. */
import { ConflictError } from '../../lib/errors.ts';
import type { HubDatabase } from '../db/database.ts';
import { endSessions } from './session-store.ts';

export interface SecondFactorState {
  readonly isOn: boolean;
  readonly recoveryCodesLeft: number;
}

export class SecondFactorStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  async state(accountId: number): Promise<SecondFactorState> {
    const { secret } = await this.secrets(accountId);
    const codes = await this.#database.queries
      .selectFrom('recovery_codes')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    return { isOn: secret !== null, recoveryCodesLeft: codes?.count ?? 0 };
  }

  /** In base32: the one that counts, and the one that waits for its first code. */
  async secrets(
    accountId: number,
  ): Promise<{ readonly secret: string | null; readonly pending: string | null }> {
    const found = await this.#database.queries
      .selectFrom('accounts')
      .select(['totp_secret as secret', 'totp_pending as pending'])
      .where('id', '=', accountId)
      .executeTakeFirst();
    return found ?? { secret: null, pending: null };
  }

  /** The secret counts only after `turnOn`. @throws ConflictError when a second factor is on already. */
  async begin(accountId: number, secret: string): Promise<void> {
    const begun = await this.#database.transaction((transaction) =>
      transaction
        .updateTable('accounts')
        .set({ totp_pending: secret })
        .where('id', '=', accountId)
        .where('totp_secret', 'is', null)
        .executeTakeFirst(),
    );
    if (begun.numUpdatedRows === 0n) throw new ConflictError('two-factor authentication is on already');
  }

  /** The pending secret counts from here on. Whatever was signed in without it ends, but for this session. */
  turnOn(
    accountId: number,
    secret: string,
    step: number,
    codeHashes: readonly string[],
    keptSessionId: number | undefined,
  ): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const changed = await transaction
        .updateTable('accounts')
        .set({ totp_secret: secret, totp_pending: null, totp_step: step })
        .where('id', '=', accountId)
        .where('totp_pending', '=', secret)
        .executeTakeFirst();
      if (changed.numUpdatedRows === 0n) throw new ConflictError('this setup was replaced: begin again');
      await transaction.deleteFrom('recovery_codes').where('account_id', '=', accountId).execute();
      await transaction.insertInto('recovery_codes').values(rowsOf(accountId, codeHashes)).execute();
      await endSessions(transaction, accountId, keptSessionId);
    });
  }

  turnOff(accountId: number): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await transaction
        .updateTable('accounts')
        .set({ totp_secret: null, totp_pending: null })
        .where('id', '=', accountId)
        .execute();
      await transaction.deleteFrom('recovery_codes').where('account_id', '=', accountId).execute();
    });
  }

  replaceRecoveryCodes(accountId: number, codeHashes: readonly string[]): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('recovery_codes').where('account_id', '=', accountId).execute();
      await transaction.insertInto('recovery_codes').values(rowsOf(accountId, codeHashes)).execute();
    });
  }

  /** False when a code of this time step or of a later one was taken before. */
  async takeStep(accountId: number, step: number): Promise<boolean> {
    const taken = await this.#database.transaction((transaction) =>
      transaction
        .updateTable('accounts')
        .set({ totp_step: step })
        .where('id', '=', accountId)
        .where('totp_step', '<', step)
        .executeTakeFirst(),
    );
    return taken.numUpdatedRows > 0n;
  }

  /** False when it is none, or was taken before. */
  async takeRecoveryCode(accountId: number, codeHash: string): Promise<boolean> {
    const taken = await this.#database.transaction((transaction) =>
      transaction
        .deleteFrom('recovery_codes')
        .where('account_id', '=', accountId)
        .where('code_hash', '=', codeHash)
        .executeTakeFirst(),
    );
    return taken.numDeletedRows > 0n;
  }
}

function rowsOf(
  accountId: number,
  codeHashes: readonly string[],
): { account_id: number; code_hash: string }[] {
  return codeHashes.map((codeHash) => ({ account_id: accountId, code_hash: codeHash }));
}
