/** The collections of garbage that were run, by the clock, from the shell or by a person: the latest ones. */
import type { HubDatabase } from '../db/database.ts';
import type { RunCause } from '../db/schema.ts';
import type { Collected } from '../registry/collect-garbage.ts';

export interface Collection extends Collected {
  readonly id: number;
  readonly cause: RunCause;
  readonly by_name: string | null;
  readonly is_dry_run: number;
  readonly untagged: number;
  readonly started_at: number;
  /** Null while it runs, and for ever where it was cut off. */
  readonly ended_at: number | null;
  readonly failure: string | null;
}

export interface NewCollection {
  readonly cause: RunCause;
  readonly accountId?: number;
  readonly dryRun: boolean;
  readonly untagged: boolean;
}

const maxKept = 50;

export class CollectionStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** @returns its id. Those before the latest are forgotten. */
  async begin({ cause, accountId, dryRun, untagged }: NewCollection): Promise<number> {
    return await this.#database.transaction(async (transaction) => {
      const { id } = await transaction
        .insertInto('collections')
        .values({
          cause,
          account_id: accountId ?? null,
          is_dry_run: dryRun ? 1 : 0,
          untagged: untagged ? 1 : 0,
          started_at: Date.now(),
          ended_at: null,
          manifests: 0,
          blobs: 0,
          bytes: 0,
          failure: null,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await transaction
        .deleteFrom('collections')
        .where('id', '<=', id - maxKept)
        .execute();
      return id;
    });
  }

  async end(id: number, collected: Collected, failure: string | undefined): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction
        .updateTable('collections')
        .set({ ...collected, ended_at: Date.now(), failure: failure ?? null })
        .where('id', '=', id)
        .execute(),
    );
  }

  /** The latest first. */
  list(): Promise<readonly Collection[]> {
    return this.#database.queries
      .selectFrom('collections')
      .leftJoin('accounts', 'accounts.id', 'collections.account_id')
      .select([
        'collections.id',
        'cause',
        'accounts.name as by_name',
        'is_dry_run',
        'untagged',
        'started_at',
        'ended_at',
        'manifests',
        'blobs',
        'bytes',
        'failure',
      ])
      .orderBy('collections.id', 'desc')
      .limit(maxKept)
      .execute();
  }
}
