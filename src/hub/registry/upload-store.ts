/** Upload sessions: which ingest belongs to which repository and account. Known by the id alone, of 128 random bits. */
import type { HubDatabase, Statement } from '../db/database.ts';

export interface Upload {
  readonly id: string;
  readonly repository_id: number;
  readonly account_id: number;
}

export class UploadStore {
  readonly #database: HubDatabase;
  readonly #byId: Statement<Upload>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#byId = database.prepare('SELECT id, repository_id, account_id FROM uploads WHERE id = ?');
  }

  async create(repositoryId: number, accountId: number): Promise<Upload> {
    const upload = { id: crypto.randomUUID(), repository_id: repositoryId, account_id: accountId };
    await this.#database.queries
      .insertInto('uploads')
      .values({ ...upload, created_at: Date.now() })
      .execute();
    return upload;
  }

  find(id: string): Promise<Upload | undefined> {
    return this.#byId.get(id);
  }

  /** Idempotent. */
  async delete(id: string): Promise<void> {
    await this.#database.queries.deleteFrom('uploads').where('id', '=', id).execute();
  }

  async begunBefore(moment: Date): Promise<readonly string[]> {
    const rows = await this.#database.queries
      .selectFrom('uploads')
      .select('id')
      .where('created_at', '<', moment.getTime())
      .execute();
    return rows.map(({ id }) => id);
  }
}
