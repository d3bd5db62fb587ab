/**
 * What is to be copied, as rows: from what has happened (noted in the transaction of the push itself) to tags that rules are about,
 * and to leases, so that of several copies of the hub one works on a tag. A lease that is not renewed ends by itself: kill -9 loses
 * nothing.
 */
import { sql } from 'kysely';
import type { HubDatabase } from '../db/database.ts';
import { type ReplicationRule, RuleMatcher } from './rule.ts';

export interface LeasedItem {
  readonly rule_id: number;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | null;
  readonly version: number;
  readonly attempts: number;
  readonly lease: string;
}

interface Change {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly tag: string | null;
}

/** In milliseconds. */
export const leaseTime = 30_000;
const [firstPause, longestPause] = [10_000, 3600_000];
const batchSize = 500;
const maxFailure = 500;

export class ReplicationQueue {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  async hasRules(): Promise<boolean> {
    const found = await this.#database.read(
      sql`SELECT 1 FROM replication_rules WHERE is_enabled = 1 LIMIT 1`,
    );
    return found.length > 0;
  }

  /** Makes rows of what has happened, and of everything where its time has come. Safe to be cut off and run again. */
  async takeUp(): Promise<void> {
    await this.#database.alone('replication', async () => {
      const rules = await this.#database.queries
        .selectFrom('replication_rules')
        .selectAll()
        .where('is_enabled', '=', 1)
        .execute();
      await this.#takeChanges(rules);
      for (const rule of rules) if (isSweepDue(rule)) await this.#sweep(rule);
    });
  }

  /** The tag whose turn it is, for a while; undefined when nothing is due. */
  claim(): Promise<LeasedItem | undefined> {
    return this.#database.transaction(async (transaction) => {
      const now = Date.now();
      const { rows } =
        await sql<LeasedItem>`SELECT i.rule_id, i.repository, i.tag, i.digest, i.version, i.attempts
        FROM replication_items i JOIN replication_rules r ON r.id = i.rule_id
        WHERE i.due_at <= ${now} AND i.leased_until < ${now} AND r.is_enabled = 1
        ORDER BY i.due_at LIMIT 1`.execute(transaction);
      const [found] = rows;
      if (!found) return undefined;
      const lease = crypto.randomUUID();
      await sql`UPDATE replication_items SET lease = ${lease}, leased_until = ${now + leaseTime}, bytes_done = 0,
        bytes_total = 0 WHERE ${isItem(found)}`.execute(transaction);
      return { ...found, lease };
    });
  }

  /** False when the lease is somebody else's by now. */
  async renew(item: LeasedItem, bytes: { readonly done: number; readonly total: number }): Promise<boolean> {
    const renewed = await this.#database.transaction((transaction) =>
      sql`UPDATE replication_items SET leased_until = ${Date.now() + leaseTime}, bytes_done = ${bytes.done},
        bytes_total = ${bytes.total} WHERE ${isLeased(item)}`.execute(transaction),
    );
    return renewed.numAffectedRows !== 0n;
  }

  /** What came meanwhile makes it due again. @param digest of what is there now; undefined: nothing, and nothing here. */
  async done(item: LeasedItem, digest: string | undefined, bytes: number): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      if (digest === undefined) {
        await sql`DELETE FROM replication_items WHERE ${isLeased(item)} AND version = ${item.version}`.execute(
          transaction,
        );
      }
      await sql`UPDATE replication_items SET digest = CAST(${digest ?? null} AS TEXT), attempts = 0, failure = NULL,
        due_at = CASE WHEN version = ${item.version} THEN NULL ELSE due_at END, leased_until = 0,
        bytes_done = ${bytes}, bytes_total = ${bytes}, done_at = ${Date.now()}
        WHERE ${isLeased(item)}`.execute(transaction);
    });
  }

  /** Tried again after a pause that doubles. */
  async failed(item: LeasedItem, reason: string): Promise<void> {
    const pause = Math.min(longestPause, firstPause * 2 ** Math.min(item.attempts, 20));
    const due = Date.now() + Math.round(pause * (0.75 + Math.random() / 2));
    await this.#database.transaction((transaction) =>
      sql`UPDATE replication_items SET attempts = attempts + 1, failure = ${reason.slice(0, maxFailure)},
        due_at = ${due}, leased_until = 0 WHERE ${isLeased(item)}`.execute(transaction),
    );
  }

  /** A hub that stops: somebody else may go on at once. */
  async giveBack(item: LeasedItem): Promise<void> {
    await this.#database.transaction((transaction) =>
      sql`UPDATE replication_items SET leased_until = 0 WHERE ${isLeased(item)}`.execute(transaction),
    );
  }

  async #takeChanges(rules: readonly ReplicationRule[]): Promise<void> {
    const listening = rules
      .filter((rule) => rule.is_on_push === 1)
      .map((rule) => ({ rule, matcher: new RuleMatcher(rule) }));
    for (;;) {
      const changes = await this.#database
        .read(sql<Change>`SELECT id, namespace, name, tag FROM replication_changes
        ORDER BY id LIMIT ${batchSize}`);
      const last = changes.at(-1)?.id;
      if (last === undefined) return;
      for (const { rule, matcher } of listening) {
        const tags = new Map<string, string[]>();
        for (const { namespace, name, tag } of changes) {
          const path = `${namespace}/${name}`;
          if (!matcher.matchesRepository(path)) continue;
          if (tag === null) await this.#sweepRepository(rule, matcher, path);
          else if (matcher.matchesTag(tag)) tags.set(path, [...(tags.get(path) ?? []), tag]);
        }
        for (const [path, names] of tags) await this.#makeDue(rule.id, path, [...new Set(names)]);
      }
      await this.#database.transaction((transaction) =>
        transaction.deleteFrom('replication_changes').where('id', '<=', last).execute(),
      );
    }
  }

  /** Everything that the rule is about, or was. */
  async #sweep(rule: ReplicationRule): Promise<void> {
    const begun = Date.now();
    const matcher = new RuleMatcher(rule);
    await this.#database.transaction((transaction) =>
      sql`UPDATE replication_items SET due_at = ${begun}, version = version + 1 WHERE rule_id = ${rule.id}`.execute(
        transaction,
      ),
    );
    for (let [namespace, name] = ['', '']; ;) {
      const rows = await this.#database.read(sql<{ namespace: string; name: string }>`
        SELECT namespace, name FROM repositories
        WHERE (namespace, name) > (${namespace}, ${name}) AND is_pending = 0 ORDER BY namespace, name LIMIT ${batchSize}`);
      for (const row of rows) {
        const path = `${row.namespace}/${row.name}`;
        if (matcher.matchesRepository(path)) await this.#sweepRepository(rule, matcher, path);
      }
      const end = rows.at(-1);
      if (!end) break;
      ({ namespace, name } = end);
      await Bun.sleep(0);
    }
    await this.#database.transaction((transaction) =>
      transaction
        .updateTable('replication_rules')
        .set({ swept_at: begun })
        .where('id', '=', rule.id)
        // Asked for again meanwhile.
        .where('swept_at', '=', rule.swept_at)
        .execute(),
    );
  }

  /** Its tags, and those that were copied and may be gone. */
  async #sweepRepository(rule: ReplicationRule, matcher: RuleMatcher, path: string): Promise<void> {
    const slash = path.indexOf('/');
    const [namespace, name] = [path.slice(0, slash), path.slice(slash + 1)];
    await this.#database.transaction((transaction) =>
      sql`UPDATE replication_items SET due_at = ${Date.now()}, version = version + 1
        WHERE rule_id = ${rule.id} AND repository = ${path}`.execute(transaction),
    );
    for (let last = ''; ;) {
      const rows = await this.#database.read(sql<{ name: string }>`SELECT t.name FROM repositories r
        JOIN tags t ON t.repository_id = r.id
        WHERE r.namespace = ${namespace} AND r.name = ${name} AND r.is_pending = 0 AND t.name > ${last}
        ORDER BY t.name LIMIT ${batchSize}`);
      const end = rows.at(-1)?.name;
      if (end === undefined) return;
      const names = rows.map((row) => row.name).filter((tag) => matcher.matchesTag(tag));
      await this.#makeDue(rule.id, path, names);
      last = end;
    }
  }

  async #makeDue(ruleId: number, repository: string, tags: readonly string[]): Promise<void> {
    if (tags.length === 0) return;
    const due = Date.now();
    const rows = tags.map((tag) => sql`(${ruleId}, ${repository}, ${tag}, ${due}, 1, 0, 0, 0, 0)`);
    await this.#database.transaction((transaction) =>
      sql`INSERT INTO replication_items
          (rule_id, repository, tag, due_at, version, attempts, leased_until, bytes_done, bytes_total)
        VALUES ${sql.join(rows)}
        ON CONFLICT (rule_id, repository, tag) DO UPDATE
          SET due_at = excluded.due_at, version = replication_items.version + 1`.execute(transaction),
    );
  }
}

function isSweepDue({ swept_at, period }: ReplicationRule): boolean {
  return swept_at < 0 || (period > 0 && swept_at < Date.now() - period);
}

function isItem({ rule_id, repository, tag }: Pick<LeasedItem, 'rule_id' | 'repository' | 'tag'>) {
  return sql<boolean>`rule_id = ${rule_id} AND repository = ${repository} AND tag = ${tag}`;
}

function isLeased(item: LeasedItem) {
  return sql<boolean>`${isItem(item)} AND lease = ${item.lease}`;
}
