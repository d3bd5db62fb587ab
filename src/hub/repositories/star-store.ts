/** Stars: who likes which repository; the count on the repository changes in the same transaction. */
import type { HubDatabase } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { moveInIndex } from '../search/search-index.ts';

export class StarStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  async has(accountId: number, repositoryId: number): Promise<boolean> {
    const star = await this.#database.queries
      .selectFrom('stars')
      .select('created_at')
      .where('account_id', '=', accountId)
      .where('repository_id', '=', repositoryId)
      .executeTakeFirst();
    return star !== undefined;
  }

  /** Idempotent. */
  star(accountId: number, repositoryId: number): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const added = await transaction
        .insertInto('stars')
        .values({ account_id: accountId, repository_id: repositoryId, created_at: Date.now() })
        .onConflict((conflict) => conflict.columns(['account_id', 'repository_id']).doNothing())
        .executeTakeFirst();
      if (!added.numInsertedOrUpdatedRows) return;
      await addToCount(transaction, repositoryId, 1);
    });
  }

  /** Idempotent. */
  unstar(accountId: number, repositoryId: number): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const removed = await transaction
        .deleteFrom('stars')
        .where('account_id', '=', accountId)
        .where('repository_id', '=', repositoryId)
        .executeTakeFirst();
      if (removed.numDeletedRows === 0n) return;
      await addToCount(transaction, repositoryId, -1);
    });
  }
}

async function addToCount(transaction: Transaction, repositoryId: number, stars: 1 | -1): Promise<void> {
  await transaction
    .updateTable('repositories')
    .set((set) => ({ star_count: set('star_count', '+', stars) }))
    .where('id', '=', repositoryId)
    .execute();
  await moveInIndex(transaction, [repositoryId]);
}
