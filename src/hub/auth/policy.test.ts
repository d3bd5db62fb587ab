import { expect, test } from 'bun:test';
import { type Action, type Actor, anonymous, isAllowed, type Visibility } from './policy.ts';

const owner: Actor = { kind: 'account', id: 1, name: 'alice', isAdmin: false };
const other: Actor = { kind: 'account', id: 2, name: 'bob', isAdmin: false };
const administrator: Actor = { kind: 'account', id: 3, name: 'root1', isAdmin: true };
const actors = { owner, other, administrator, anonymous };
const actions: readonly Action[] = ['pull', 'push', 'delete', 'admin', 'star'];

const allowed: Record<string, Record<Visibility, Record<keyof typeof actors, readonly Action[]>>> = {
  alice: {
    public: { owner: actions, other: ['pull', 'star'], administrator: ['pull', 'star'], anonymous: ['pull'] },
    private: { owner: actions, other: [], administrator: [], anonymous: [] },
    absent: { owner: ['pull', 'push', 'delete'], other: [], administrator: [], anonymous: [] },
  },
  library: {
    public: { owner: ['pull', 'star'], other: ['pull', 'star'], administrator: actions, anonymous: ['pull'] },
    private: { owner: [], other: [], administrator: actions, anonymous: [] },
    absent: { owner: [], other: [], administrator: ['pull', 'push', 'delete'], anonymous: [] },
  },
  // A path of one part has no namespace.
  '': {
    public: {
      owner: ['pull', 'star'],
      other: ['pull', 'star'],
      administrator: ['pull', 'star'],
      anonymous: ['pull'],
    },
    private: { owner: [], other: [], administrator: [], anonymous: [] },
    absent: { owner: [], other: [], administrator: [], anonymous: [] },
  },
};

for (const [namespace, byVisibility] of Object.entries(allowed)) {
  for (const [visibility, byActor] of Object.entries(byVisibility)) {
    for (const [name, expected] of Object.entries(byActor)) {
      test(`${name} may ${expected.join(', ') || 'do nothing'} in ${visibility} ${namespace || '(no namespace)'}`, () => {
        const actor = actors[name as keyof typeof actors];
        const found = actions.filter((action) =>
          isAllowed(actor, action, namespace, visibility as Visibility),
        );
        expect(found).toEqual([...expected]);
      });
    }
  }
}
