/** How much each namespace holds, for an administrator's page: read a part at a time, since a large hub has very many repositories. */
import { sql } from 'kysely';
import type { HubDatabase } from '../db/database.ts';

export interface NamespaceStorage {
  readonly namespace: string;
  readonly repositories: number;
  readonly tags: number;
  /** Of all its repositories, each by itself: layers that several of them share count in each. */
  readonly bytes: number;
}

interface Row {
  readonly id: number;
  readonly namespace: string;
  readonly tags: number;
  readonly bytes: number;
}

const partSize = 2000;
/** In milliseconds: pages of the list are of one report. */
const goodFor = 15_000;

export class StorageReport {
  readonly #database: HubDatabase;
  #latest: { readonly at: number; readonly made: Promise<readonly NamespaceStorage[]> } | undefined;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** The largest first. */
  async namespaces(): Promise<readonly NamespaceStorage[]> {
    if (!this.#latest || this.#latest.at < Date.now() - goodFor) {
      this.#latest = { at: Date.now(), made: this.#make() };
    }
    return await this.#latest.made;
  }

  async #make(): Promise<readonly NamespaceStorage[]> {
    const found = new Map<string, NamespaceStorage>();
    for (let after = 0; ;) {
      const rows = await this.#database.read(sql<Row>`
        SELECT r.id, r.namespace, t.tags, t.bytes FROM repositories r JOIN repository_totals t ON t.repository_id = r.id
        WHERE r.id > ${after} AND r.is_pending = 0 ORDER BY r.id LIMIT ${partSize}`);
      for (const { namespace, tags, bytes } of rows) {
        const known = found.get(namespace) ?? { namespace, repositories: 0, tags: 0, bytes: 0 };
        found.set(namespace, {
          namespace,
          repositories: known.repositories + 1,
          tags: known.tags + tags,
          bytes: known.bytes + bytes,
        });
      }
      const last = rows.at(-1)?.id;
      if (last === undefined) break;
      after = last;
      await Bun.sleep(0);
    }
    return [...found.values()].toSorted((a, b) => b.bytes - a.bytes || (a.namespace < b.namespace ? -1 : 1));
  }
}
