/** How much each namespace may hold, where that is limited; and what new accounts and organizations get. */
import { sql } from 'kysely';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { officialNamespace } from '../accounts/account-name.ts';
import { isTaken } from '../accounts/account-store.ts';
import type { HubDatabase, KeptStatement } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { type LimitChanges, type Limits, type NamespaceLimits, requireLimits } from './limits.ts';
import { repositoryCounts } from './repository-quota.ts';
import { type Quota, quotaExceeded } from './within-quota.ts';

const defaultId = 1;
/** Whose number of repositories new accounts get. */
const nobody = '';
const limited = sql`SELECT namespace FROM quotas UNION SELECT namespace FROM repository_quotas
  WHERE namespace <> ${nobody}`;
const joined = sql`LEFT JOIN quotas b ON b.namespace = q.namespace
  LEFT JOIN repository_quotas n ON n.namespace = q.namespace`;
const columns = sql`q.namespace, b.max_bytes, coalesce(b.used_bytes, 0) AS used_bytes, n.max_all, n.max_private,
  ${repositoryCounts}`;

export class QuotaStore {
  readonly #database: HubDatabase;
  readonly #ofRepository: KeptStatement<Quota>;

  constructor(database: HubDatabase) {
    this.#database = database;
    this.#ofRepository = database.prepareKept(
      `SELECT q.namespace, q.max_bytes, q.used_bytes FROM repositories r JOIN quotas q ON q.namespace = r.namespace
       WHERE r.id = ?`,
    );
  }

  /** Also of one without a limit, where nothing is counted of bytes. */
  async find(namespace: string): Promise<NamespaceLimits> {
    const [found] = await this.#database.read(
      sql<NamespaceLimits>`SELECT ${columns} FROM (SELECT CAST(${namespace} AS TEXT) AS namespace) AS q ${joined}`,
    );
    return found as NamespaceLimits;
  }

  /**
   * What says of a number of bytes, of one blob, that there is no room for them in the repository's namespace: by a DeniedError. A
   * look ahead, so that nobody sends for nothing; what holds is checked where the blob becomes the repository's.
   * @param digest of the blob, where it is known: one that the namespace has already takes no room.
   */
  async admission(repositoryId: number, digest?: Digest): Promise<(bytes: number) => void> {
    const quota = await this.#ofRepository.get(repositoryId);
    if (!quota || (digest && (await this.#holds(quota, digest)))) return () => undefined;
    const room = quota.max_bytes - quota.used_bytes;
    return (bytes) => {
      if (bytes > room) throw quotaExceeded(quota, bytes);
    };
  }

  async #holds({ namespace }: Quota, digest: Digest): Promise<boolean> {
    const found = await this.#database.read(sql`SELECT 1 FROM quota_contents
      WHERE namespace = ${namespace} AND digest = ${digest}`);
    return found.length > 0;
  }

  /** Those that are limited, by name. */
  async list({ limit, offset }: { readonly limit: number; readonly offset: number }): Promise<{
    readonly count: number;
    readonly quotas: readonly NamespaceLimits[];
  }> {
    const [counted] = await this.#database.read(
      sql<{ count: number }>`SELECT count(*) AS count FROM (${limited}) AS q`,
    );
    const quotas = await this.#database
      .read(sql<NamespaceLimits>`SELECT ${columns} FROM (${limited}) AS q ${joined}
      ORDER BY q.namespace LIMIT ${limit} OFFSET ${offset}`);
    return { count: counted?.count ?? 0, quotas };
  }

  /**
   * What is there stays, even when it is more. Counts the bytes of the namespace once where they had no limit before.
   * @throws InvalidError for what can be no namespace or no limit, NotFoundError for one that nobody has.
   */
  async set(namespace: string, changes: LimitChanges): Promise<void> {
    if (tryParseRepositoryPath(`${namespace}/any`)?.namespace !== namespace) {
      throw new InvalidError(`${JSON.stringify(namespace)} is not the name of a namespace`);
    }
    requireLimits(changes);
    const { bytes } = changes;
    await this.#database.transaction(async (transaction) => {
      if (namespace !== officialNamespace && !(await isTaken(transaction, namespace)))
        throw new NotFoundError(`there is no account or organization ${namespace}`);
      await setRepositories(transaction, namespace, changes);
      if (bytes === undefined) return;
      if (bytes === null) {
        await transaction.deleteFrom('quotas').where('namespace', '=', namespace).execute();
        return;
      }
      await transaction
        .insertInto('quotas')
        .values({ namespace, max_bytes: bytes, used_bytes: 0 })
        .onConflict((conflict) => conflict.column('namespace').doUpdateSet({ max_bytes: bytes }))
        .execute();
    });
  }

  async default(): Promise<Limits> {
    const [found] = await this.#database.read(sql<Limits>`SELECT
      (SELECT max_bytes FROM quota_default WHERE id = ${defaultId}) AS bytes,
      (SELECT max_all FROM repository_quotas WHERE namespace = ${nobody}) AS repositories,
      (SELECT max_private FROM repository_quotas WHERE namespace = ${nobody}) AS private_repositories`);
    return found as Limits;
  }

  /** For accounts and organizations that are made from here on. @throws InvalidError */
  async setDefault(changes: LimitChanges): Promise<void> {
    requireLimits(changes);
    const { bytes } = changes;
    await this.#database.transaction(async (transaction) => {
      await setRepositories(transaction, nobody, changes);
      if (bytes === undefined) return;
      await transaction.deleteFrom('quota_default').execute();
      if (bytes === null) return;
      await transaction.insertInto('quota_default').values({ id: defaultId, max_bytes: bytes }).execute();
    });
  }
}

async function setRepositories(
  transaction: Transaction,
  namespace: string,
  { repositories: all, private_repositories: open }: LimitChanges,
): Promise<void> {
  const changes = {
    ...(all !== undefined && { max_all: all }),
    ...(open !== undefined && { max_private: open }),
  };
  if (Object.keys(changes).length === 0) return;
  await transaction
    .insertInto('repository_quotas')
    .values({ namespace, max_all: all ?? null, max_private: open ?? null })
    .onConflict((conflict) => conflict.column('namespace').doUpdateSet(changes))
    .execute();
  await transaction
    .deleteFrom('repository_quotas')
    .where('namespace', '=', namespace)
    .where('max_all', 'is', null)
    .where('max_private', 'is', null)
    .execute();
}
