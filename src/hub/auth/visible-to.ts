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
  if (actor.kind === 'anonymous' || actor.limits?.scope === 'public_read') return isPublic;
  const { id, name, isAdmin, limits } = actor;
  const official = isAdmin ? officialNamespace : name;
  const granted = sql<boolean>`(
    ${column('namespace')} IN (${name}, ${official})
    OR ${column('namespace')} IN (
      SELECT o.name FROM organization_members m JOIN accounts o ON o.id = m.organization_id
      WHERE m.account_id = ${id} AND m.role IN ('owner', 'editor'))
    OR ${column('id')} IN (SELECT c.repository_id FROM collaborators c WHERE c.account_id = ${id})
    OR EXISTS (
      SELECT 1 FROM team_repositories g
      JOIN team_members m ON m.team_id = g.team_id AND m.account_id = ${id}
      JOIN teams t ON t.id = g.team_id
      JOIN accounts o ON o.id = t.organization_id AND o.name = ${column('namespace')}
      WHERE g.repository_id = ${column('id')}))`;
  if (!limits?.repositories) return sql<boolean>`(${isPublic} OR ${granted})`;
  const paths = [...limits.repositories];
  const path = sql`${column('namespace')} || '/' || ${column('name')}`;
  const listed = paths.length === 0 ? sql`1 = 0` : sql`${path} IN (${sql.join(paths)})`;
  return sql<boolean>`(${isPublic} OR (${listed} AND ${granted}))`;
}
