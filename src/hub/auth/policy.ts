/**
 * Who may do what with a repository: one pure function over one table. Registry, token service, API and search all ask here;
 * lists ask the same of the database (visible-to.ts). What an actor is to a repository is found in rights-store.ts.
 */
import { officialNamespace } from '../accounts/account-name.ts';
import type { OrganizationRole, TokenScope } from '../db/schema.ts';

export type Actor =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'account';
      readonly id: number;
      readonly name: string;
      readonly isAdmin: boolean;
      /** Of the access token that speaks for the account; without one there are none. */
      readonly limits?: TokenLimits;
    };

/** What an access token takes away from its account's rights. It never adds any. */
export interface TokenLimits {
  readonly scope: TokenScope;
  /** The only repositories that it opens, by path; undefined: all. */
  readonly repositories: ReadonlySet<string> | undefined;
}

/** `admin` changes the repository itself: description, visibility, deletion. `own` gives it away. */
export type Action = 'pull' | 'push' | 'delete' | 'star' | 'admin' | 'own';

/**
 * A repository that is not there has rules too: that is how nobody can tell a private one from none. `upstream`: not there, and
 * taken from another registry for who asks for it.
 */
export type Visibility = 'public' | 'private' | 'absent' | 'upstream';

/**
 * What the actor is to the repository, least first; each may do whatever those before it may. Readers, writers and admins are
 * collaborators and teams; an organization's editors are admins of all it has, its owners owners.
 */
export const relations = ['anonymous', 'other', 'reader', 'writer', 'admin', 'owner'] as const;
export type Relation = (typeof relations)[number];

export interface Target {
  readonly path: string;
  readonly visibility: Visibility;
  readonly relation: Relation;
}

/** The least that one has to be. */
const table: Record<Visibility, Record<Action, Relation | 'nobody'>> = {
  public: {
    pull: 'anonymous',
    push: 'writer',
    delete: 'admin',
    star: 'other',
    admin: 'admin',
    own: 'owner',
  },
  private: { pull: 'reader', push: 'writer', delete: 'admin', star: 'reader', admin: 'admin', own: 'owner' },
  // Push makes it. Pull is granted, to find nothing.
  absent: { pull: 'admin', push: 'admin', delete: 'admin', star: 'nobody', admin: 'nobody', own: 'nobody' },
  // What is public there. Push makes one of the hub's own, in its place.
  upstream: {
    pull: 'anonymous',
    push: 'admin',
    delete: 'admin',
    star: 'nobody',
    admin: 'nobody',
    own: 'nobody',
  },
};

const inScope: Record<TokenScope, readonly Action[]> = {
  public_read: [],
  read: ['pull'],
  write: ['pull', 'push', 'star'],
  delete: ['pull', 'push', 'star', 'delete'],
  admin: ['pull', 'push', 'star', 'delete', 'admin', 'own'],
};

export const anonymous: Actor = { kind: 'anonymous' };

export function isAllowed(actor: Actor, action: Action, target: Target): boolean {
  const least = table[target.visibility][action];
  if (least === 'nobody' || relations.indexOf(target.relation) < relations.indexOf(least)) return false;
  return least === 'anonymous' || isWithinLimits(actor, action, target.path);
}

/** What is done with an organization itself: `look` at its members and teams, `manage` them and it. */
export type OrganizationAction = 'look' | 'manage';

/** Least first; each may do whatever those before it may. */
const organizationRoles: readonly OrganizationRole[] = ['member', 'editor', 'owner'];
const leastRole: Record<OrganizationAction, OrganizationRole> = { look: 'member', manage: 'owner' };

/** @param role undefined: no member. An access token does not reach organizations, or it could widen itself. */
export function isAllowedIn(
  actor: Actor,
  action: OrganizationAction,
  role: OrganizationRole | undefined,
): boolean {
  if (role === undefined || !isUnlimited(actor)) return false;
  return organizationRoles.indexOf(role) >= organizationRoles.indexOf(leastRole[action]);
}

/** True for who signed in by password: only they change the account itself. */
export function isUnlimited(actor: Actor): boolean {
  return actor.kind === 'account' && actor.limits === undefined;
}

/** True for who runs the hub: invites, lets others set new passwords. Not for an access token of theirs. */
export function isAdministrator(actor: Actor): boolean {
  return actor.kind === 'account' && actor.isAdmin && isUnlimited(actor);
}

/** What everybody may, every token may as well. */
function isWithinLimits(actor: Actor, action: Action, path: string): boolean {
  if (actor.kind === 'anonymous' || !actor.limits) return true;
  const { scope, repositories } = actor.limits;
  return inScope[scope].includes(action) && (repositories?.has(path) ?? true);
}

/**
 * The relation as far as names tell it; more than `other` may come from teams and collaborators.
 * An administrator looks after the official images; other people's private repositories stay closed to them as well.
 */
export function relationByName(actor: Actor, namespace: string): Relation {
  if (actor.kind === 'anonymous') return 'anonymous';
  const owns = actor.name === namespace || (namespace === officialNamespace && actor.isAdmin);
  return owns ? 'owner' : 'other';
}
