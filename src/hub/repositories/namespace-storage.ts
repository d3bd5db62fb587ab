/** How much one namespace holds: a blob that several of its repositories have counts once. */
import { sql } from 'kysely';
import type { HubDatabase } from '../db/database.ts';
import { LeastRecent } from '../files/least-recent.ts';

export interface NamespaceUse {
  readonly repositories: number;
  readonly bytes: number;
}

/** In milliseconds: a namespace of very many blobs is not counted again for every page that is opened. */
const goodFor = 15_000;
const maxKnown = 1000;

export class NamespaceStorage {
  readonly #database: HubDatabase;
  readonly #known = new LeastRecent<string, { readonly at: number; readonly use: Promise<NamespaceUse> }>(
    maxKnown,
  );

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  of(namespace: string): Promise<NamespaceUse> {
    const known = this.#known.get(namespace);
    if (known && known.at > Date.now() - goodFor) return known.use;
    const use = this.#count(namespace);
    this.#known.set(namespace, { at: Date.now(), use }, 1);
    return use;
  }

  async #count(namespace: string): Promise<NamespaceUse> {
    const [found] = await this.#database.read(sql<NamespaceUse>`SELECT
      (SELECT count(*) FROM repositories WHERE namespace = ${namespace} AND is_pending = 0) AS repositories,
      (SELECT coalesce(sum(size), 0) FROM (
        SELECT max(b.size) AS size FROM repositories r JOIN repository_blobs b ON b.repository_id = r.id
          WHERE r.namespace = ${namespace} AND r.is_pending = 0 GROUP BY b.digest) AS each_once) AS bytes`);
    return found ?? { repositories: 0, bytes: 0 };
  }
}
