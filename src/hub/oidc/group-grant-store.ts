/**
 * Brings what somebody's groups give in line with what they are in now. It is written down what came from groups, and only that is
 * ever taken away: what a person gave stays as it is.
 */
import type { HubDatabase, Queries } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { OrganizationRole } from '../db/schema.ts';
import { isOnlyOwner } from '../organizations/member-store.ts';
import type { GroupRights } from './group-map.ts';

export type GroupChange =
  | { readonly of: 'hub'; readonly isAdministrator: boolean }
  /** A role of 'none' was taken away. */
  | { readonly of: 'organization'; readonly organization: string; readonly role: string }
  | {
      readonly of: 'team';
      readonly organization: string;
      readonly team: string;
      readonly isIn: boolean;
    };

export interface GroupChanges {
  readonly changes: readonly GroupChange[];
  /** Organizations and teams that the map names and nobody has made. */
  readonly missing: readonly string[];
}

interface Named {
  readonly id: number;
  readonly name: string;
}

interface Team extends Named {
  readonly organization: string;
}

export class GroupGrantStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  /** Idempotent. */
  sync(accountId: number, rights: GroupRights): Promise<GroupChanges> {
    return this.#database.transaction(async (transaction) => {
      const missing: string[] = [];
      const roles = await findOrganizations(transaction, rights, missing);
      const teams = await findTeams(transaction, rights, missing);
      const sync = new Sync(transaction, accountId);
      await sync.administration(rights.isAdministrator);
      // Whoever is in a team by hand stays a member: teams that groups gave go first.
      await sync.takeTeams(teams);
      await sync.roles(roles);
      for (const team of teams) await sync.giveTeam(team);
      return { changes: sync.changes, missing };
    });
  }
}

/** One account in one transaction. */
class Sync {
  readonly changes: GroupChange[] = [];
  readonly #transaction: Transaction;
  readonly #accountId: number;

  constructor(transaction: Transaction, accountId: number) {
    this.#transaction = transaction;
    this.#accountId = accountId;
  }

  async administration(isWanted: boolean): Promise<void> {
    const grant = (await this.#grants()).find(
      ({ organization_id: organization, team_id: team }) => organization === null && team === null,
    );
    const changed = (isWanted || grant) && (await this.#setAdministrator(isWanted));
    if (changed) this.changes.push({ of: 'hub', isAdministrator: isWanted });
    if (changed && isWanted && !grant) await this.#write({});
    if (grant && !isWanted) await this.#forget(grant.id);
  }

  async takeTeams(wanted: readonly Team[]): Promise<void> {
    for (const { id, team_id: teamId } of await this.#grants()) {
      if (teamId === null || wanted.some((team) => team.id === teamId)) continue;
      const team = await teamOf(this.#transaction, teamId);
      await this.#transaction
        .deleteFrom('team_members')
        .where('team_id', '=', teamId)
        .where('account_id', '=', this.#accountId)
        .execute();
      await this.#forget(id);
      if (team) this.#changedTeam(team, false);
    }
  }

  /** After `roles`, which made them a member of its organization. */
  async giveTeam({ id, name, organization }: Team): Promise<void> {
    const added = await this.#transaction
      .insertInto('team_members')
      .values({ team_id: id, account_id: this.#accountId })
      .onConflict((conflict) => conflict.columns(['team_id', 'account_id']).doNothing())
      .executeTakeFirst();
    if (added.numInsertedOrUpdatedRows === 0n) return;
    const isKnown = (await this.#grants()).some(({ team_id: teamId }) => teamId === id);
    if (!isKnown) await this.#write({ team_id: id });
    this.#changedTeam({ organization, name }, true);
  }

  async roles(wanted: ReadonlyMap<number, Named & { readonly role: OrganizationRole }>): Promise<void> {
    const grants = new Map(
      (await this.#grants()).flatMap((grant) =>
        grant.organization_id === null ? [] : [[grant.organization_id, grant] as const],
      ),
    );
    for (const [id, { name, role }] of wanted) await this.#giveRole({ id, name }, role, grants.get(id));
    for (const [id, grant] of grants) {
      if (!wanted.has(id)) await this.#takeRole(id, grant);
    }
  }

  async #giveRole(
    organization: Named,
    role: OrganizationRole,
    grant: { readonly id: number; readonly role: OrganizationRole | null } | undefined,
  ): Promise<void> {
    const current = await this.#roleIn(organization.id);
    // What a person gave, or changed since, is theirs to change.
    const isByHand = current !== undefined && current !== grant?.role;
    if (isByHand) {
      if (grant) await this.#forget(grant.id);
      return;
    }
    if (current === role) return;
    if (current === 'owner' && (await isOnlyOwner(this.#transaction, organization.id, this.#accountId)))
      return;
    await this.#setRole(organization.id, role);
    if (grant) await this.#forget(grant.id);
    await this.#write({ organization_id: organization.id, role });
    this.#changedRole(organization.name, role);
  }

  async #takeRole(
    organizationId: number,
    grant: { readonly id: number; readonly role: OrganizationRole | null },
  ): Promise<void> {
    const transaction = this.#transaction;
    const current = await this.#roleIn(organizationId);
    if (current !== grant.role) return this.#forget(grant.id);
    // An organization without an owner would be nobody's; it is tried again at the next sign-in.
    if (await isOnlyOwner(transaction, organizationId, this.#accountId)) return;
    await this.#forget(grant.id);
    const organization = (await nameOf(transaction, organizationId)) ?? '';
    if (await this.#isInTeamOf(organizationId)) {
      await this.#setRole(organizationId, 'member');
      if (current !== 'member') this.#changedRole(organization, 'member');
      return;
    }
    await transaction
      .deleteFrom('organization_members')
      .where('organization_id', '=', organizationId)
      .where('account_id', '=', this.#accountId)
      .execute();
    this.#changedRole(organization, 'none');
  }

  #changedRole(organization: string, role: string): void {
    this.changes.push({ of: 'organization', organization, role });
  }

  #changedTeam({ organization, name: team }: Pick<Team, 'organization' | 'name'>, isIn: boolean): void {
    this.changes.push({ of: 'team', organization, team, isIn });
  }

  #grants() {
    return this.#transaction
      .selectFrom('group_grants')
      .select(['id', 'organization_id', 'team_id', 'role'])
      .where('account_id', '=', this.#accountId)
      .execute();
  }

  async #write(grant: {
    readonly organization_id?: number;
    readonly team_id?: number;
    readonly role?: OrganizationRole;
  }): Promise<void> {
    await this.#transaction
      .insertInto('group_grants')
      .values({ account_id: this.#accountId, ...grant })
      .execute();
  }

  async #forget(id: number): Promise<void> {
    await this.#transaction.deleteFrom('group_grants').where('id', '=', id).execute();
  }

  async #setAdministrator(isAdministrator: boolean): Promise<boolean> {
    const changed = await this.#transaction
      .updateTable('accounts')
      .set({ is_admin: isAdministrator ? 1 : 0 })
      .where('id', '=', this.#accountId)
      .where('is_admin', '=', isAdministrator ? 0 : 1)
      .executeTakeFirst();
    return changed.numUpdatedRows > 0n;
  }

  async #roleIn(organizationId: number): Promise<OrganizationRole | undefined> {
    const found = await this.#transaction
      .selectFrom('organization_members')
      .select('role')
      .where('organization_id', '=', organizationId)
      .where('account_id', '=', this.#accountId)
      .executeTakeFirst();
    return found?.role;
  }

  async #setRole(organizationId: number, role: OrganizationRole): Promise<void> {
    await this.#transaction
      .insertInto('organization_members')
      .values({
        organization_id: organizationId,
        account_id: this.#accountId,
        role,
        created_at: Date.now(),
      })
      .onConflict((conflict) => conflict.columns(['organization_id', 'account_id']).doUpdateSet({ role }))
      .execute();
  }

  async #isInTeamOf(organizationId: number): Promise<boolean> {
    const found = await this.#transaction
      .selectFrom('team_members')
      .innerJoin('teams', 'teams.id', 'team_members.team_id')
      .select('teams.id')
      .where('teams.organization_id', '=', organizationId)
      .where('team_members.account_id', '=', this.#accountId)
      .limit(1)
      .executeTakeFirst();
    return found !== undefined;
  }
}

async function findOrganizations(
  queries: Queries,
  { roles }: GroupRights,
  missing: string[],
): Promise<ReadonlyMap<number, Named & { readonly role: OrganizationRole }>> {
  if (roles.size === 0) return new Map();
  const found = await queries
    .selectFrom('accounts')
    .select(['id', 'name'])
    .where('kind', '=', 'organization')
    .where('name', 'in', [...roles.keys()])
    .execute();
  missing.push(...[...roles.keys()].filter((name) => !found.some((each) => each.name === name)));
  return new Map(found.map(({ id, name }) => [id, { id, name, role: roles.get(name) ?? 'member' }]));
}

async function findTeams(queries: Queries, { teams }: GroupRights, missing: string[]): Promise<Team[]> {
  const found: Team[] = [];
  for (const { organization, team } of teams) {
    const row = await teamsOf(queries)
      .where('accounts.name', '=', organization)
      .where('teams.name', '=', team)
      .executeTakeFirst();
    if (row) found.push(row);
    else missing.push(`${organization}/${team}`);
  }
  return found;
}

function teamOf(queries: Queries, id: number): Promise<Team | undefined> {
  return teamsOf(queries).where('teams.id', '=', id).executeTakeFirst();
}

function teamsOf(queries: Queries) {
  return queries
    .selectFrom('teams')
    .innerJoin('accounts', 'accounts.id', 'teams.organization_id')
    .select(['teams.id', 'teams.name', 'accounts.name as organization']);
}

async function nameOf(queries: Queries, id: number): Promise<string | undefined> {
  return (await queries.selectFrom('accounts').select('name').where('id', '=', id).executeTakeFirst())?.name;
}
