/** The policies of namespaces and repositories, which repositories each is about, and what their runs have done. */
import { sql } from 'kysely';
import type { HubDatabase } from '../db/database.ts';
import type { RunCause } from '../db/schema.ts';
import type { RetentionRules } from './policy.ts';

/** What a policy is of. */
export type Scope = { readonly namespace: string } | { readonly repositoryId: number };

export interface StoredPolicy extends RetentionRules {
  readonly id: number;
  readonly scope: Scope;
}

export interface RunResult {
  readonly tags: number;
  readonly kept: number;
  readonly manifests: number;
  /** The first of what went. */
  readonly removed: readonly string[];
}

export interface RetentionRun extends RunResult {
  readonly id: number;
  readonly cause: RunCause;
  readonly by_name: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly failure: string | null;
}

export interface Asked {
  readonly cause: RunCause;
  readonly accountId?: number | undefined;
}

export interface CoveredRepository {
  readonly id: number;
  readonly path: string;
}

interface PolicyRow {
  readonly id: number;
  readonly namespace: string | null;
  readonly repository_id: number | null;
  readonly rules: string;
  readonly untagged_days: number | null;
  readonly is_enabled: number;
}

const maxRuns = 20;
const pageSize = 200;
const columns = ['id', 'namespace', 'repository_id', 'rules', 'untagged_days', 'is_enabled'] as const;

export class RetentionStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  async find(scope: Scope): Promise<StoredPolicy | undefined> {
    const row = await this.#database.queries
      .selectFrom('retention_policies')
      .select(columns)
      .$call((query) =>
        'namespace' in scope
          ? query.where('namespace', '=', scope.namespace)
          : query.where('repository_id', '=', scope.repositoryId),
      )
      .executeTakeFirst();
    return row && policyOf(row);
  }

  /** All of them. */
  async list(): Promise<readonly StoredPolicy[]> {
    const rows = await this.#database.queries
      .selectFrom('retention_policies')
      .select(columns)
      .orderBy('id')
      .execute();
    return rows.map(policyOf);
  }

  async put(scope: Scope, { rules, untagged_days, enabled }: RetentionRules): Promise<void> {
    const set = {
      rules: JSON.stringify(rules),
      untagged_days,
      is_enabled: enabled ? 1 : 0,
      updated_at: Date.now(),
    };
    const place =
      'namespace' in scope
        ? { namespace: scope.namespace, repository_id: null }
        : { namespace: null, repository_id: scope.repositoryId };
    await this.#database.transaction((transaction) =>
      transaction
        .insertInto('retention_policies')
        .values({ ...place, ...set, last_run_at: null })
        .onConflict((conflict) =>
          conflict.column('namespace' in scope ? 'namespace' : 'repository_id').doUpdateSet(set),
        )
        .execute(),
    );
  }

  /** With what is known of its runs. Idempotent. */
  async remove({ id }: StoredPolicy): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction.deleteFrom('retention_policies').where('id', '=', id).execute(),
    );
  }

  /** Those that run by themselves and have not since then. */
  async due(before: Date): Promise<readonly StoredPolicy[]> {
    const rows = await this.#database.queries
      .selectFrom('retention_policies')
      .select(columns)
      .where('is_enabled', '=', 1)
      .where((is) => is.or([is('last_run_at', 'is', null), is('last_run_at', '<', before.getTime())]))
      .orderBy('id')
      .execute();
    return rows.map(policyOf);
  }

  /** The repositories that it is about: of a namespace those without a policy of their own. */
  async *covered(scope: Scope): AsyncGenerator<CoveredRepository, void, undefined> {
    const where =
      'namespace' in scope
        ? sql`namespace = ${scope.namespace} AND NOT EXISTS
            (SELECT 1 FROM retention_policies p WHERE p.repository_id = repositories.id)`
        : sql`id = ${scope.repositoryId}`;
    for (let last = ''; ;) {
      const rows = await this.#database.read(sql<{ id: number; namespace: string; name: string }>`
        SELECT id, namespace, name FROM repositories
        WHERE ${where} AND is_pending = 0 AND name > ${last} ORDER BY name LIMIT ${pageSize}`);
      for (const { id, namespace, name } of rows) yield { id, path: `${namespace}/${name}` };
      const end = rows.at(-1)?.name;
      if (end === undefined) return;
      last = end;
    }
  }

  /** @returns its id. Those before the latest are forgotten. */
  begin(policy: StoredPolicy, { cause, accountId }: Asked): Promise<number> {
    return this.#database.transaction(async (transaction) => {
      const started = Date.now();
      await transaction
        .updateTable('retention_policies')
        .set({ last_run_at: started })
        .where('id', '=', policy.id)
        .execute();
      const { id } = await transaction
        .insertInto('retention_runs')
        .values({
          policy_id: policy.id,
          cause,
          account_id: accountId ?? null,
          started_at: started,
          ended_at: null,
          tags: 0,
          kept: 0,
          manifests: 0,
          removed: '[]',
          failure: null,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await sql`DELETE FROM retention_runs WHERE policy_id = ${policy.id} AND id NOT IN (
        SELECT id FROM retention_runs WHERE policy_id = ${policy.id} ORDER BY id DESC LIMIT ${maxRuns})`.execute(
        transaction,
      );
      return id;
    });
  }

  async end(id: number, { removed, ...counts }: RunResult, failure: string | undefined): Promise<void> {
    const set = {
      ...counts,
      removed: JSON.stringify(removed),
      ended_at: Date.now(),
      failure: failure ?? null,
    };
    await this.#database.transaction((transaction) =>
      transaction.updateTable('retention_runs').set(set).where('id', '=', id).execute(),
    );
  }

  /** The latest first. */
  async runs(policy: StoredPolicy): Promise<readonly RetentionRun[]> {
    const rows = await this.#database.queries
      .selectFrom('retention_runs as r')
      .leftJoin('accounts as a', 'a.id', 'r.account_id')
      .select(['r.id', 'r.cause', 'a.name as by_name', 'r.started_at', 'r.ended_at', 'r.tags', 'r.kept'])
      .select(['r.manifests', 'r.removed', 'r.failure'])
      .where('r.policy_id', '=', policy.id)
      .orderBy('r.id', 'desc')
      .limit(maxRuns)
      .execute();
    return rows.map((row) => ({ ...row, removed: JSON.parse(row.removed) as string[] }));
  }
}

function policyOf({
  id,
  namespace,
  repository_id,
  rules,
  untagged_days,
  is_enabled,
}: PolicyRow): StoredPolicy {
  return {
    id,
    scope: namespace === null ? { repositoryId: repository_id ?? 0 } : { namespace },
    rules: JSON.parse(rules) as RetentionRules['rules'],
    untagged_days,
    enabled: is_enabled === 1,
  };
}
