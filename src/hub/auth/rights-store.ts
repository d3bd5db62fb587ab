/**
 * What an actor is to a repository: by name, as a member of an organization, through teams, or as a collaborator. Asked for on
 * every request, so that a right taken away is gone at once.
 */
import type { HubDatabase, KeptStatement } from '../db/database.ts';
import type { RepositoryPath } from '../repositories/repository-path.ts';
import { type RepositoryKey, visibilityOf } from '../repositories/repository-store.ts';
import { type Action, type Actor, isAllowed, type Relation, relationByName } from './policy.ts';

/** By the number that the tables hold; an organization's roles count as the highest two. */
const byLevel: readonly Relation[] = ['other', 'reader', 'writer', 'admin', 'owner'];

export class RightsStore {
  readonly #level: KeptStatement<{ level: number | null }>;

  constructor(database: HubDatabase) {
    // A team's grant counts only in its organization's namespace: it does not follow a repository that was given away.
    this.#level = database.prepareKept(
      `SELECT max(level) AS level FROM (
         SELECT CASE m.role WHEN 'owner' THEN 4 WHEN 'editor' THEN 3 ELSE 0 END AS level
           FROM accounts o JOIN organization_members m ON m.organization_id = o.id
           WHERE o.name = ? AND m.account_id = ?
         UNION ALL
         SELECT permission FROM collaborators WHERE repository_id = ? AND account_id = ?
         UNION ALL
         SELECT g.permission FROM team_repositories g
           JOIN team_members m ON m.team_id = g.team_id AND m.account_id = ?
           JOIN teams t ON t.id = g.team_id
           JOIN accounts o ON o.id = t.organization_id AND o.name = ?
           WHERE g.repository_id = ?) levels`,
    );
  }

  /** @param repository undefined: what the actor is to the namespace. */
  async relationTo(
    actor: Actor,
    { namespace }: Pick<RepositoryPath, 'namespace'>,
    repository: Pick<RepositoryKey, 'id'> | undefined,
  ): Promise<Relation> {
    const known = relationByName(actor, namespace);
    if (known !== 'other' || actor.kind === 'anonymous') return known;
    const id = repository?.id ?? null;
    const found = await this.#level.get(namespace, actor.id, id, actor.id, actor.id, namespace, id);
    return byLevel[found?.level ?? 0] ?? 'other';
  }

  /** True when all of the actions are allowed now. The database is asked only where names do not say yes already. */
  async may(
    actor: Actor,
    actions: readonly Action[],
    path: RepositoryPath,
    repository: RepositoryKey | undefined,
    visibility = visibilityOf(repository),
  ): Promise<boolean> {
    const allows = (relation: Relation): boolean =>
      actions.every((action) => isAllowed(actor, action, { path: path.path, visibility, relation }));
    const known = relationByName(actor, path.namespace);
    if (allows(known)) return true;
    return known === 'other' && allows(await this.relationTo(actor, path, repository));
  }
}
