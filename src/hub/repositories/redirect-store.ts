/** Earlier names of repositories: they lead to where the repository is now, until somebody takes the name again. */
import { sql } from 'kysely';
import { NotFoundError } from '../../lib/errors.ts';
import { replacePath } from '../accounts/access-token-store.ts';
import type { HubDatabase, KeptStatement } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { type Place, requireFree, setPlace } from './repository-place.ts';
import { parseRepositoryPath, type RepositoryPath } from './repository-path.ts';
import type { RepositoryKey } from './repository-store.ts';

export class RedirectStore {
  readonly #database: HubDatabase;
  readonly #find: KeptStatement<RepositoryKey & Place>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#find = database.prepareKept(
      `SELECT r.id, r.is_private, r.is_pending, r.namespace, r.name
       FROM repository_redirects d JOIN repositories r ON r.id = d.repository_id AND r.is_pending = 0
       WHERE d.namespace = ? AND d.name = ?`,
    );
  }

  /** Where an earlier name leads now. Who may go there is for the policy to say. */
  async find({
    namespace,
    name,
  }: Place): Promise<{ readonly path: RepositoryPath; readonly repository: RepositoryKey } | undefined> {
    const row = await this.#find.get(namespace, name);
    return row && { path: parseRepositoryPath(row.namespace, row.name), repository: row };
  }

  /**
   * The repository gets another name, perhaps in another namespace; its earlier ones lead to it. Access tokens that name it open
   * it still. @throws NotFoundError, ConflictError
   */
  move(id: number, from: RepositoryPath, to: RepositoryPath): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      const found = await transaction
        .selectFrom('repositories')
        .select('id')
        .where('id', '=', id)
        .where('namespace', '=', from.namespace)
        .where('name', '=', from.name)
        .where('is_pending', '=', 0)
        .executeTakeFirst();
      if (!found) throw new NotFoundError('object not found');
      await requireFree(transaction, to);
      await setPlace(transaction, id, to, 0);
      await addRedirect(transaction, from, id);
      await replacePath(transaction, from.path, to.path);
      // Whoever had it is not to hear what others do with it.
      if (from.namespace !== to.namespace) {
        await sql`DELETE FROM webhooks WHERE repository_id = ${id}`.execute(transaction);
      }
    });
  }
}

async function addRedirect(transaction: Transaction, { namespace, name }: Place, id: number): Promise<void> {
  await transaction
    .insertInto('repository_redirects')
    .values({ namespace, name, repository_id: id, created_at: Date.now() })
    .execute();
}
