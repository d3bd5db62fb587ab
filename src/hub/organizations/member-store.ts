/** Who belongs to an organization, as what. There is always an owner. */
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import { type Account, accountColumns } from '../accounts/account-store.ts';
import type { HubDatabase, Queries } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { OrganizationRole } from '../db/schema.ts';
import { contains } from '../repositories/repository-store.ts';

export interface Member {
  readonly account: Account;
  readonly role: OrganizationRole;
  /** Names of its teams. */
  readonly teams: readonly string[];
}

export interface MemberListing {
  /** Part of a name. */
  readonly search: string;
  readonly role: OrganizationRole | undefined;
  readonly limit: number;
  readonly offset: number;
}

export class MemberStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** Undefined for who is no member. */
  async roleOf(organizationId: number, accountId: number): Promise<OrganizationRole | undefined> {
    return (await find(this.#database.queries, organizationId, accountId))?.role;
  }

  async list(
    organizationId: number,
    { search, role, limit, offset }: MemberListing,
  ): Promise<{ count: number; members: readonly Member[] }> {
    const found = this.#database.queries
      .selectFrom('organization_members as m')
      .innerJoin('accounts', 'accounts.id', 'm.account_id')
      .where('m.organization_id', '=', organizationId)
      .$if(search !== '', (query) => query.where(contains('accounts.name', search)))
      .$if(role !== undefined, (query) => query.where('m.role', '=', role ?? 'member'));
    const rows = await found
      .select([...accountColumns.map((column) => `accounts.${column}` as const), 'm.role'])
      .orderBy('accounts.name')
      .limit(limit)
      .offset(offset)
      .execute();
    const { count } = await found
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const teams = await this.#teamsOf(
      organizationId,
      rows.map(({ id }) => id),
    );
    const members = rows.map(({ role, ...account }) => ({
      account,
      role,
      teams: teams.filter(({ account_id: id }) => id === account.id).map(({ name }) => name),
    }));
    return { count, members };
  }

  /** @throws NotFoundError */
  async get(organizationId: number, account: Account): Promise<Member> {
    const found = await find(this.#database.queries, organizationId, account.id);
    if (!found) throw new NotFoundError('no such member');
    const teams = await this.#teamsOf(organizationId, [account.id]);
    return { account, role: found.role, teams: teams.map(({ name }) => name) };
  }

  /** Makes the account a member, or changes its role. @throws ConflictError when no owner would be left. */
  put(organizationId: number, accountId: number, role: OrganizationRole): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      if (role !== 'owner') await requireOtherOwner(transaction, organizationId, accountId);
      await transaction
        .insertInto('organization_members')
        .values({ organization_id: organizationId, account_id: accountId, role, created_at: Date.now() })
        .onConflict((conflict) => conflict.columns(['organization_id', 'account_id']).doUpdateSet({ role }))
        .execute();
    });
  }

  /**
   * Takes all rights in the organization away: as a member, in its teams, as a collaborator on its repositories.
   * @throws NotFoundError, ConflictError when no owner would be left.
   */
  remove({ id, name }: Pick<Account, 'id' | 'name'>, accountId: number): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      if (!(await find(transaction, id, accountId))) throw new NotFoundError('no such member');
      await requireOtherOwner(transaction, id, accountId);
      await transaction
        .deleteFrom('team_members')
        .where('account_id', '=', accountId)
        .where('team_id', 'in', (teams) =>
          teams.selectFrom('teams').select('id').where('organization_id', '=', id),
        )
        .execute();
      await transaction
        .deleteFrom('collaborators')
        .where('account_id', '=', accountId)
        // Also on those that may be brought back.
        .where('repository_id', 'in', (is) =>
          is
            .selectFrom('repositories')
            .select('id')
            .where('namespace', '=', name)
            .union(
              is
                .selectFrom('deleted_repositories')
                .select('repository_id as id')
                .where('namespace', '=', name),
            ),
        )
        .execute();
      await transaction
        .deleteFrom('organization_members')
        .where('organization_id', '=', id)
        .where('account_id', '=', accountId)
        .execute();
    });
  }

  #teamsOf(
    organizationId: number,
    accountIds: readonly number[],
  ): Promise<readonly { account_id: number; name: string }[]> {
    return this.#database.queries
      .selectFrom('team_members')
      .innerJoin('teams', 'teams.id', 'team_members.team_id')
      .select(['team_members.account_id', 'teams.name'])
      .where('teams.organization_id', '=', organizationId)
      .where('team_members.account_id', 'in', accountIds)
      .orderBy('teams.name')
      .execute();
  }
}

/** Part of the transaction that gives somebody a team: whoever is in one is a member. Idempotent. */
export async function join(
  transaction: Transaction,
  organizationId: number,
  accountId: number,
): Promise<void> {
  await transaction
    .insertInto('organization_members')
    .values({
      organization_id: organizationId,
      account_id: accountId,
      role: 'member',
      created_at: Date.now(),
    })
    .onConflict((conflict) => conflict.columns(['organization_id', 'account_id']).doNothing())
    .execute();
}

function find(
  queries: Queries,
  organizationId: number,
  accountId: number,
): Promise<{ readonly role: OrganizationRole } | undefined> {
  return queries
    .selectFrom('organization_members')
    .select('role')
    .where('organization_id', '=', organizationId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
}

async function requireOtherOwner(queries: Queries, organizationId: number, accountId: number): Promise<void> {
  if (await isOnlyOwner(queries, organizationId, accountId))
    throw new ConflictError('an organization needs an owner: make somebody else one first');
}

export async function isOnlyOwner(
  queries: Queries,
  organizationId: number,
  accountId: number,
): Promise<boolean> {
  const current = await find(queries, organizationId, accountId);
  if (current?.role !== 'owner') return false;
  const other = await queries
    .selectFrom('organization_members')
    .select('account_id')
    .where('organization_id', '=', organizationId)
    .where('role', '=', 'owner')
    .where('account_id', '!=', accountId)
    .limit(1)
    .executeTakeFirst();
  return other === undefined;
}
