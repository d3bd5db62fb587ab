/**
 * The policy's "may pull", as a condition on repositories: for whatever lists them. visible-to.test.ts compares the two.
 */
import { type RawBuilder, sql } from 'kysely';
import { officialNamespace } from '../accounts/account-name.ts';
import type { Actor } from './policy.ts';

/** @param table the name that `repositories` has in the query. */
export function visibleTo(actor: Actor, table: string): RawBuilder<boolean> {
  const column = (name: string): RawBuilder<unknown> => sql.ref(`${table}.${name}`);
  const isPublic = sql<boolean>`${column('is_private')} = 0`;
  if (!seesPrivate(actor)) return isPublic;
  const granted = sql<boolean>`(${column('namespace')} IN (${grantedNamespaces(actor)})
    OR ${column('id')} IN (${grantedRepositories(actor)}))`;
  if (!actor.limits?.repositories) return sql<boolean>`(${isPublic} OR ${granted})`;
  const paths = [...actor.limits.repositories];
  const path = sql`${column('namespace')} || '/' || ${column('name')}`;
  const listed = paths.length === 0 ? sql`1 = 0` : sql`${path} IN (${sql.join(paths)})`;
  return sql<boolean>`(${isPublic} OR (${listed} AND ${granted}))`;
}

export type Known = Extract<Actor, { readonly kind: 'account' }>;

/** False for who pulls only what everybody may. */
export function seesPrivate(actor: Actor): actor is Known {
  return actor.kind === 'account' && actor.limits?.scope !== 'public_read';
}

/**
 * The private repositories `r` that the actor may pull. Goes through what they own and were given, not through what others keep
 * to themselves.
 */
export function ownPrivate(actor: Known): RawBuilder<boolean> {
  return sql`r.is_private = 1 AND ${visibleTo(actor, 'r')} AND r.id IN (
    SELECT id FROM repositories WHERE is_private = 1 AND is_pending = 0 AND namespace IN (${grantedNamespaces(actor)})
    UNION ${grantedRepositories(actor)})`;
}

/** Those of which the actor sees everything, as a query. An access token's limits are not in it. */
export function grantedNamespaces({ id, name, isAdmin }: Known): RawBuilder<{ namespace: string }> {
  const official = isAdmin ? officialNamespace : name;
  return sql`SELECT ${name} AS namespace UNION SELECT ${official}
    UNION SELECT o.name FROM organization_members m JOIN accounts o ON o.id = m.organization_id
      WHERE m.account_id = ${id} AND m.role IN ('owner', 'editor')`;
}

/** Those that collaborators and teams of the actor's have been given, by id, as a query. */
export function grantedRepositories({ id }: Known): RawBuilder<{ repository_id: number }> {
  return sql`SELECT c.repository_id FROM collaborators c WHERE c.account_id = ${id}
    UNION SELECT g.repository_id FROM team_members m
      JOIN team_repositories g ON g.team_id = m.team_id
      JOIN teams t ON t.id = m.team_id
      JOIN accounts o ON o.id = t.organization_id
      JOIN repositories given ON given.id = g.repository_id AND given.namespace = o.name
      WHERE m.account_id = ${id}`;
}
