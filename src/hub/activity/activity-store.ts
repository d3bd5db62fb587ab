/** What happened to repositories, out of the audit log: the newest thousand of each. */
import { sql } from 'kysely';
import type { AuditAction } from '../audit/actions.ts';
import type { AuditData } from '../audit/add-entries.ts';
import type { Actor } from '../auth/policy.ts';
import { visibleTo } from '../auth/visible-to.ts';
import type { HubDatabase } from '../db/database.ts';
import type { ActivityKind } from './activity-of-event.ts';

/** Of one repository, and of one account over all repositories: further back a list does not go. */
export const maxListed = 1000;

export interface Activity {
  readonly id: number;
  readonly kind: ActivityKind;
  readonly namespace: string;
  readonly name: string;
  /** Null: the account is gone. */
  readonly account: string | null;
  readonly data: AuditData;
  readonly happened_at: number;
}

interface Row extends Omit<Activity, 'kind' | 'data'> {
  readonly action: AuditAction;
  readonly data: string;
}

export interface ActivityListing {
  readonly limit: number;
  readonly offset: number;
}

interface Listed {
  readonly count: number;
  readonly activities: readonly Activity[];
}

/** By a digest come the parts of an index, which is then pushed by its tag. */
const kinds: Partial<Record<AuditAction, ActivityKind | ((data: AuditData) => ActivityKind)>> = {
  'repo.create': 'created',
  'repo.tag.push': 'pushed',
  'repo.tag.delete': 'tag_deleted',
  'repo.manifest.delete': 'tag_deleted',
  'repo.tag.restore': 'tag_restored',
  'repo.update': 'settings_changed',
  'repo.change_privacy': ({ privacy }) => (privacy === 'public' ? 'made_public' : 'made_private'),
  'repo.right.change': 'right_changed',
  'repo.move': 'moved',
  'repo.delete': 'deleted',
  'repo.restore': 'restored',
};
const listed = sql`e.outcome = 'done' AND e.action IN (${sql.join(Object.keys(kinds))})`;
const columns = sql`a.id, a.action, r.namespace, r.name, b.name AS account, a.data, a.happened_at`;
const newestFirst = sql`ORDER BY e.happened_at DESC, e.id DESC LIMIT ${maxListed}`;

export class ActivityStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** Newest first. @param withRights who has which right is not everybody's to know. */
  ofRepository(repositoryId: number, withRights: boolean, listing: ActivityListing): Promise<Listed> {
    const from = sql`(SELECT * FROM audit e WHERE e.repository_id = ${repositoryId} AND ${listed}
        AND (${withRights ? 1 : 0} = 1 OR e.action <> 'repo.right.change') ${newestFirst}) a
      JOIN repositories r ON r.id = a.repository_id`;
    return this.#list(from, listing);
  }

  /** What an account did, newest first, in repositories that the actor may see now. */
  byAccount(accountId: number, actor: Actor, listing: ActivityListing): Promise<Listed> {
    const from = sql`(SELECT * FROM audit e WHERE e.actor_id = ${accountId} AND ${listed} ${newestFirst}) a
      JOIN repositories r ON r.id = a.repository_id AND r.is_pending = 0 AND ${visibleTo(actor, 'r')}`;
    return this.#list(from, listing);
  }

  async #list(from: ReturnType<typeof sql>, { limit, offset }: ActivityListing): Promise<Listed> {
    const [counted] = await this.#database.read(
      sql<{ count: number }>`SELECT count(*) AS count FROM ${from}`,
    );
    const rows = await this.#database.read(sql<Row>`SELECT ${columns} FROM ${from}
      LEFT JOIN accounts b ON b.id = a.actor_id
      ORDER BY a.happened_at DESC, a.id DESC LIMIT ${limit} OFFSET ${offset}`);
    return { count: counted?.count ?? 0, activities: rows.map(activityOf) };
  }
}

function activityOf({ action, data: text, ...row }: Row): Activity {
  const data = JSON.parse(text) as AuditData;
  const kind = kinds[action] ?? 'settings_changed';
  return { ...row, data, kind: typeof kind === 'function' ? kind(data) : kind };
}
