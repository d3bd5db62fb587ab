/** Teams: members of an organization who have the same rights on its repositories. What they may do is in grant-store.ts. */
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import { type Account, accountColumns } from '../accounts/account-store.ts';
import type { HubDatabase, Queries } from '../db/database.ts';
import { contains } from '../repositories/repository-store.ts';
import { join } from './member-store.ts';

export interface Team {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly description: string;
  readonly member_count: number;
}

export interface TeamAttributes {
  readonly name: string;
  readonly description: string;
}

interface Slice {
  readonly limit: number;
  readonly offset: number;
}

export class TeamStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  async list(
    organizationId: number,
    { search, limit, offset }: Slice & { readonly search: string },
  ): Promise<{ count: number; teams: readonly Team[] }> {
    const found = teams(this.#database.queries)
      .where('organization_id', '=', organizationId)
      .$if(search !== '', (query) => query.where(contains('name', search)));
    const { count } = await found
      .clearSelect()
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return { count, teams: await found.orderBy('name').limit(limit).offset(offset).execute() };
  }

  /** @throws NotFoundError */
  async get(organizationId: number, name: string): Promise<Team> {
    const found = await teams(this.#database.queries)
      .where('organization_id', '=', organizationId)
      .where('name', '=', name)
      .executeTakeFirst();
    return found ?? noTeam();
  }

  /** @throws ConflictError when the organization has one of this name. */
  create(organizationId: number, attributes: TeamAttributes): Promise<Team> {
    return this.#database.transaction(async (transaction) => {
      await requireFree(transaction, organizationId, attributes.name);
      const created = await transaction
        .insertInto('teams')
        .values({
          uuid: crypto.randomUUID(),
          organization_id: organizationId,
          ...attributes,
          created_at: Date.now(),
        })
        .returning(['id', 'uuid', 'name', 'description'])
        .executeTakeFirstOrThrow();
      return { ...created, member_count: 0 };
    });
  }

  /** @throws NotFoundError, ConflictError when another one has the name. */
  update(organizationId: number, name: string, changes: Partial<TeamAttributes>): Promise<Team> {
    return this.#database.transaction(async (transaction) => {
      const next = changes.name ?? name;
      if (next !== name) await requireFree(transaction, organizationId, next);
      const changed = await transaction
        .updateTable('teams')
        .set({ name: next, ...(changes.description !== undefined && { description: changes.description }) })
        .where('organization_id', '=', organizationId)
        .where('name', '=', name)
        .returning('id')
        .executeTakeFirst();
      if (!changed) noTeam();
      return teams(transaction).where('id', '=', changed.id).executeTakeFirstOrThrow();
    });
  }

  /** With its rights. @throws NotFoundError */
  async delete(organizationId: number, name: string): Promise<void> {
    const removed = await this.#database.transaction((transaction) =>
      transaction
        .deleteFrom('teams')
        .where('organization_id', '=', organizationId)
        .where('name', '=', name)
        .executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) noTeam();
  }

  async members(
    teamId: number,
    { limit, offset }: Slice,
  ): Promise<{ count: number; accounts: readonly Account[] }> {
    const found = this.#database.queries
      .selectFrom('team_members')
      .innerJoin('accounts', 'accounts.id', 'team_members.account_id')
      .where('team_members.team_id', '=', teamId);
    const accounts = await found
      .select(accountColumns.map((column) => `accounts.${column}` as const))
      .orderBy('accounts.name')
      .limit(limit)
      .offset(offset)
      .execute();
    const { count } = await found
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return { count, accounts };
  }

  /** Who was no member of the organization becomes one. Idempotent. */
  addMember(organizationId: number, teamId: number, accountId: number): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await join(transaction, organizationId, accountId);
      await transaction
        .insertInto('team_members')
        .values({ team_id: teamId, account_id: accountId })
        .onConflict((conflict) => conflict.columns(['team_id', 'account_id']).doNothing())
        .execute();
    });
  }

  /** They stay a member of the organization. @throws NotFoundError */
  async removeMember(teamId: number, accountId: number): Promise<void> {
    const removed = await this.#database.transaction((transaction) =>
      transaction
        .deleteFrom('team_members')
        .where('team_id', '=', teamId)
        .where('account_id', '=', accountId)
        .executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) throw new NotFoundError('no such member of the team');
  }
}

function teams(queries: Queries) {
  return queries.selectFrom('teams').select((team) => [
    'id',
    'uuid',
    'name',
    'description',
    team
      .selectFrom('team_members')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .whereRef('team_members.team_id', '=', 'teams.id')
      .$asScalar()
      .$notNull()
      .as('member_count'),
  ]);
}

async function requireFree(queries: Queries, organizationId: number, name: string): Promise<void> {
  const other = await queries
    .selectFrom('teams')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (other) throw new ConflictError(`the organization has a team ${name} already`);
}

function noTeam(): never {
  throw new NotFoundError('no such team');
}
