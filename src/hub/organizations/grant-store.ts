/**
 * Rights on one repository beyond those of its owner: of teams of its organization, and of collaborators. Here they are given
 * and taken away; auth/rights-store.ts asks for them on every request.
 */
import { sql } from 'kysely';
import { NotFoundError } from '../../lib/errors.ts';
import type { Actor } from '../auth/policy.ts';
import { visibleTo } from '../auth/visible-to.ts';
import type { HubDatabase } from '../db/database.ts';

/** Least first: the tables hold the place in this list, from 1. */
const permissions = ['read', 'write', 'admin'] as const;
export type Permission = (typeof permissions)[number];

interface Slice {
  readonly limit: number;
  readonly offset: number;
}

export interface TeamGrant {
  readonly teamId: number;
  readonly teamName: string;
  readonly permission: Permission;
}

export interface TeamRepository {
  readonly namespace: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly permission: Permission;
}

interface TeamRepositoryListing extends Slice {
  readonly teamId: number;
  /** The only namespace where the team's rights count. */
  readonly organization: string;
  /** Who asks: what they may not see is not there. */
  readonly actor: Actor;
}

export interface CollaboratorGrant {
  readonly name: string;
  readonly permission: Permission;
}

export class GrantStore {
  readonly #database: HubDatabase;

  constructor(database: HubDatabase) {
    this.#database = database;
  }

  async teams(
    repositoryId: number,
    { limit, offset }: Slice,
  ): Promise<{ count: number; grants: readonly TeamGrant[] }> {
    const found = this.#database.queries
      .selectFrom('team_repositories')
      .innerJoin('teams', 'teams.id', 'team_repositories.team_id')
      .where('repository_id', '=', repositoryId);
    const rows = await found
      .select(['teams.id', 'teams.name', 'permission'])
      .orderBy('teams.name')
      .limit(limit)
      .offset(offset)
      .execute();
    const { count } = await found
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const grants = rows.map(({ id, name, permission }) => ({
      teamId: id,
      teamName: name,
      permission: nameOf(permission),
    }));
    return { count, grants };
  }

  /**
   * Gives the right, or changes it.
   * @param organization the only one whose teams count here: the repository's namespace.
   * @throws NotFoundError for a team of another organization as well.
   */
  grantTeam(
    repositoryId: number,
    organization: string,
    teamId: number,
    permission: Permission,
  ): Promise<TeamGrant> {
    return this.#database.transaction(async (transaction) => {
      const team = await transaction
        .selectFrom('teams')
        .innerJoin('accounts', 'accounts.id', 'teams.organization_id')
        .select(['teams.id', 'teams.name'])
        .where('teams.id', '=', teamId)
        .where('accounts.name', '=', organization)
        .executeTakeFirst();
      if (!team) throw new NotFoundError('no such team');
      const level = levelOf(permission);
      await transaction
        .insertInto('team_repositories')
        .values({ team_id: teamId, repository_id: repositoryId, permission: level })
        .onConflict((conflict) =>
          conflict.columns(['team_id', 'repository_id']).doUpdateSet({ permission: level }),
        )
        .execute();
      return { teamId, teamName: team.name, permission };
    });
  }

  /** @throws NotFoundError */
  async revokeTeam(repositoryId: number, teamId: number): Promise<void> {
    const removed = await this.#database.transaction((transaction) =>
      transaction
        .deleteFrom('team_repositories')
        .where('repository_id', '=', repositoryId)
        .where('team_id', '=', teamId)
        .executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) throw new NotFoundError('the team has no right here');
  }

  /** The repositories that a team has rights on, by name. */
  async ofTeam({
    teamId,
    organization,
    actor,
    limit,
    offset,
  }: TeamRepositoryListing): Promise<{ count: number; repositories: readonly TeamRepository[] }> {
    const found = this.#database.queries
      .selectFrom('team_repositories')
      .innerJoin('repositories', 'repositories.id', 'team_repositories.repository_id')
      .where('team_repositories.team_id', '=', teamId)
      // Not by the index of namespaces: an organization may have many more repositories than one of its teams.
      .where(sql<boolean>`${sql.ref('repositories.namespace')} || '' = ${organization}`)
      .where('repositories.is_pending', '=', 0)
      .where(visibleTo(actor, 'repositories'));
    const rows = await found
      .select(['repositories.namespace', 'repositories.name', 'repositories.is_private', 'permission'])
      .orderBy('repositories.name')
      .limit(limit)
      .offset(offset)
      .execute();
    const { count } = await found
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const repositories = rows.map(({ is_private, permission, ...place }) => ({
      ...place,
      isPrivate: is_private === 1,
      permission: nameOf(permission),
    }));
    return { count, repositories };
  }

  async collaborators(
    repositoryId: number,
    { limit, offset }: Slice,
  ): Promise<{ count: number; grants: readonly CollaboratorGrant[] }> {
    const found = this.#database.queries
      .selectFrom('collaborators')
      .innerJoin('accounts', 'accounts.id', 'collaborators.account_id')
      .where('repository_id', '=', repositoryId);
    const rows = await found
      .select(['accounts.name', 'permission'])
      .orderBy('accounts.name')
      .limit(limit)
      .offset(offset)
      .execute();
    const grants = rows.map(({ name, permission }) => ({ name, permission: nameOf(permission) }));
    const { count } = await found
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return { count, grants };
  }

  /** Gives the right, or changes it. */
  grantCollaborator(repositoryId: number, accountId: number, permission: Permission): Promise<void> {
    const level = levelOf(permission);
    return this.#database.transaction(async (transaction) => {
      await transaction
        .insertInto('collaborators')
        .values({ repository_id: repositoryId, account_id: accountId, permission: level })
        .onConflict((conflict) =>
          conflict.columns(['repository_id', 'account_id']).doUpdateSet({ permission: level }),
        )
        .execute();
    });
  }

  /** @throws NotFoundError */
  async revokeCollaborator(repositoryId: number, accountId: number): Promise<void> {
    const removed = await this.#database.transaction((transaction) =>
      transaction
        .deleteFrom('collaborators')
        .where('repository_id', '=', repositoryId)
        .where('account_id', '=', accountId)
        .executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) throw new NotFoundError('no such collaborator');
  }
}

function levelOf(permission: Permission): number {
  return permissions.indexOf(permission) + 1;
}

function nameOf(level: number): Permission {
  return permissions[level - 1] ?? 'read';
}
