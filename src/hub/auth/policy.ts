/**
 * Who may do what with a repository: one pure function over one table. Registry, token service, API and search all ask here.
 * Organizations, teams and collaborators will be further relations; nothing else has to change.
 */
import { officialNamespace } from '../accounts/account-name.ts';

export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'account'; readonly id: number; readonly name: string; readonly isAdmin: boolean };

/** `admin` changes the repository itself: description, visibility, deletion. */
export type Action = 'pull' | 'push' | 'delete' | 'admin' | 'star';

/** A repository that is not there has rules too: that is how nobody can tell a private one from none. */
export type Visibility = 'public' | 'private' | 'absent';

/** What the actor is to the repository's namespace. */
export type Relation = 'owner' | 'other' | 'anonymous';

const everybody: readonly Relation[] = ['owner', 'other', 'anonymous'];
const signedIn: readonly Relation[] = ['owner', 'other'];
const owner: readonly Relation[] = ['owner'];
const nobody: readonly Relation[] = [];

const table: Record<Visibility, Record<Action, readonly Relation[]>> = {
  public: { pull: everybody, push: owner, delete: owner, admin: owner, star: signedIn },
  private: { pull: owner, push: owner, delete: owner, admin: owner, star: owner },
  // Push makes it. Pull is granted, to find nothing.
  absent: { pull: owner, push: owner, delete: owner, admin: nobody, star: nobody },
};

export const anonymous: Actor = { kind: 'anonymous' };

export function isAllowed(actor: Actor, action: Action, namespace: string, visibility: Visibility): boolean {
  return table[visibility][action].includes(relationOf(actor, namespace));
}

/** An administrator looks after the official images; other people's private repositories stay closed to them as well. */
export function relationOf(actor: Actor, namespace: string): Relation {
  if (actor.kind === 'anonymous') return 'anonymous';
  const owns = actor.name === namespace || (namespace === officialNamespace && actor.isAdmin);
  return owns ? 'owner' : 'other';
}
