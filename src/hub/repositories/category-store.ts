/** What a repository is about, by slugs of a fixed list. */
import type { HubDatabase } from '../db/database.ts';

export class CategoryStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** The slugs of each of these repositories that has any. */
  async of(repositoryIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>> {
    if (repositoryIds.length === 0) return new Map();
    const rows = await this.#database.queries
      .selectFrom('repository_categories')
      .selectAll()
      .where('repository_id', 'in', repositoryIds)
      .orderBy('slug')
      .execute();
    return new Map(
      [...Map.groupBy(rows, (row) => row.repository_id)].map(([id, all]) => [
        id,
        all.map(({ slug }) => slug),
      ]),
    );
  }

  /** These from here on, and no others. */
  set(repositoryId: number, slugs: readonly string[]): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await transaction
        .deleteFrom('repository_categories')
        .where('repository_id', '=', repositoryId)
        .execute();
      for (const slug of new Set(slugs)) {
        await transaction
          .insertInto('repository_categories')
          .values({ repository_id: repositoryId, slug })
          .execute();
      }
    });
  }
}
