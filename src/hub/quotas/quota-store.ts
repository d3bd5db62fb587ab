/** How much each namespace may hold, where that is limited; and what new accounts and organizations get. */
import { sql } from 'kysely';
import { InvalidError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase, KeptStatement } from '../db/database.ts';
import { tryParseRepositoryPath } from '../repositories/repository-path.ts';
import { type Quota, quotaExceeded } from './within-quota.ts';

const defaultId = 1;

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

  /** Undefined: as much as the disk takes. */
  async find(namespace: string): Promise<Quota | undefined> {
    return (
      await this.#database.read(sql<Quota>`SELECT namespace, max_bytes, used_bytes FROM quotas
        WHERE namespace = ${namespace}`)
    )[0];
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

  /** Those that are set, by name. */
  async list({ limit, offset }: { readonly limit: number; readonly offset: number }): Promise<{
    readonly count: number;
    readonly quotas: readonly Quota[];
  }> {
    const [counted] = await this.#database.read(sql<{ count: number }>`SELECT count(*) AS count FROM quotas`);
    const quotas = await this.#database.read(sql<Quota>`SELECT namespace, max_bytes, used_bytes FROM quotas
      ORDER BY namespace LIMIT ${limit} OFFSET ${offset}`);
    return { count: counted?.count ?? 0, quotas };
  }

  /**
   * What is there stays, even when it is more. Counts the namespace once where it had no quota before.
   * @param maxBytes undefined: no limit any more. @throws InvalidError for what can be no namespace.
   */
  async set(namespace: string, maxBytes: number | undefined): Promise<void> {
    if (tryParseRepositoryPath(`${namespace}/any`)?.namespace !== namespace) {
      throw new InvalidError(`${JSON.stringify(namespace)} is not the name of a namespace`);
    }
    await this.#database.transaction(async (transaction) => {
      if (maxBytes === undefined) {
        await transaction.deleteFrom('quotas').where('namespace', '=', namespace).execute();
        return;
      }
      await transaction
        .insertInto('quotas')
        .values({ namespace, max_bytes: requireSize(maxBytes), used_bytes: 0 })
        .onConflict((conflict) => conflict.column('namespace').doUpdateSet({ max_bytes: maxBytes }))
        .execute();
    });
  }

  async defaultBytes(): Promise<number | undefined> {
    const [found] = await this.#database.read(sql<{ max_bytes: number }>`SELECT max_bytes FROM quota_default
      WHERE id = ${defaultId}`);
    return found?.max_bytes;
  }

  /** For accounts and organizations that are made from here on. */
  async setDefault(maxBytes: number | undefined): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await transaction.deleteFrom('quota_default').execute();
      if (maxBytes === undefined) return;
      await transaction
        .insertInto('quota_default')
        .values({ id: defaultId, max_bytes: requireSize(maxBytes) })
        .execute();
    });
  }
}

function requireSize(bytes: number): number {
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidError('a quota is a number of bytes, from 1 on');
}
