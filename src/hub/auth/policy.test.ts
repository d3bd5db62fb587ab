import { describe, expect, test } from 'bun:test';
import type { TokenScope } from '../db/schema.ts';
import {
  type Action,
  type Actor,
  anonymous,
  isAllowed,
  isAllowedIn,
  type Relation,
  relationByName,
  relations,
  type Visibility,
} from './policy.ts';

const alice: Actor = { kind: 'account', id: 1, name: 'alice', isAdmin: false };
const administrator: Actor = { kind: 'account', id: 3, name: 'root1', isAdmin: true };
const actions: readonly Action[] = ['pull', 'push', 'delete', 'star', 'admin', 'own'];
const visibilities: readonly Visibility[] = ['public', 'private', 'absent', 'upstream'];

function allowedTo(
  actor: Actor,
  relation: Relation,
  visibility: Visibility,
  path = 'team/app',
): readonly Action[] {
  return actions.filter((action) => isAllowed(actor, action, { path, visibility, relation }));
}

const table: Record<Visibility, Record<Relation, readonly Action[]>> = {
  public: {
    anonymous: ['pull'],
    other: ['pull', 'star'],
    reader: ['pull', 'star'],
    writer: ['pull', 'push', 'star'],
    admin: ['pull', 'push', 'delete', 'star', 'admin'],
    owner: actions,
  },
  private: {
    anonymous: [],
    other: [],
    reader: ['pull', 'star'],
    writer: ['pull', 'push', 'star'],
    admin: ['pull', 'push', 'delete', 'star', 'admin'],
    owner: actions,
  },
  absent: {
    anonymous: [],
    other: [],
    reader: [],
    writer: [],
    admin: ['pull', 'push', 'delete'],
    owner: ['pull', 'push', 'delete'],
  },
  upstream: {
    anonymous: ['pull'],
    other: ['pull'],
    reader: ['pull'],
    writer: ['pull'],
    admin: ['pull', 'push', 'delete'],
    owner: ['pull', 'push', 'delete'],
  },
};

describe('the policy', () => {
  for (const visibility of visibilities) {
    for (const relation of relations) {
      const expected = table[visibility][relation];
      test(`lets ${relation} ${expected.join(', ') || 'do nothing'} with what is ${visibility}`, () => {
        const actor = relation === 'anonymous' ? anonymous : alice;
        expect(allowedTo(actor, relation, visibility)).toEqual([...expected]);
      });
    }
  }

  test.each<[Actor, string, Relation]>([
    [anonymous, 'alice', 'anonymous'],
    [alice, 'alice', 'owner'],
    [alice, 'bob', 'other'],
    [alice, 'library', 'other'],
    [administrator, 'library', 'owner'],
    [administrator, 'alice', 'other'],
    // A path of one part has no namespace.
    [alice, '', 'other'],
    [administrator, '', 'other'],
  ])('%j is to the namespace %p: %s', (actor, namespace, expected) => {
    expect(relationByName(actor, namespace)).toBe(expected);
  });
});

describe('an organization', () => {
  test.each([
    [undefined, []],
    ['member', ['look']],
    ['editor', ['look']],
    ['owner', ['look', 'manage']],
  ] as const)('lets %p: %j, with an access token nothing', (role, expected) => {
    const allowed = (actor: Actor): readonly string[] =>
      (['look', 'manage'] as const).filter((action) => isAllowedIn(actor, action, role));
    expect(allowed(alice)).toEqual([...expected]);
    expect(allowed(anonymous)).toEqual([]);
    expect(allowed({ ...alice, limits: { scope: 'admin', repositories: undefined } })).toEqual([]);
  });
});

describe('an access token of the owner', () => {
  const scopes: Record<TokenScope, Record<Visibility, readonly Action[]>> = {
    public_read: { public: ['pull'], private: [], absent: [], upstream: ['pull'] },
    read: { public: ['pull'], private: ['pull'], absent: ['pull'], upstream: ['pull'] },
    write: {
      public: ['pull', 'push', 'star'],
      private: ['pull', 'push', 'star'],
      absent: ['pull', 'push'],
      upstream: ['pull', 'push'],
    },
    delete: {
      public: ['pull', 'push', 'delete', 'star'],
      private: ['pull', 'push', 'delete', 'star'],
      absent: ['pull', 'push', 'delete'],
      upstream: ['pull', 'push', 'delete'],
    },
    admin: {
      public: actions,
      private: actions,
      absent: ['pull', 'push', 'delete'],
      upstream: ['pull', 'push', 'delete'],
    },
  };

  for (const [scope, byVisibility] of Object.entries(scopes)) {
    for (const visibility of visibilities) {
      const expected = byVisibility[visibility];
      test(`with ${scope} may ${expected.join(', ') || 'do nothing'} with what is ${visibility}`, () => {
        const limits = { scope: scope as TokenScope, repositories: undefined };
        expect(allowedTo({ ...alice, limits }, 'owner', visibility)).toEqual([...expected]);
      });
    }
  }

  test('that names its repositories opens those, and elsewhere what everybody may', () => {
    const limits = { scope: 'admin', repositories: new Set(['team/app']) } as const;
    const limited: Actor = { ...alice, limits };
    expect(allowedTo(limited, 'owner', 'private', 'team/app')).toEqual([...actions]);
    expect(allowedTo(limited, 'owner', 'private', 'team/app2')).toEqual([]);
    expect(allowedTo(limited, 'owner', 'private', 'team/app/web')).toEqual([]);
    expect(allowedTo(limited, 'owner', 'public', 'team/other')).toEqual(['pull']);
    expect(allowedTo(limited, 'owner', 'absent', 'team/other')).toEqual([]);
  });

  test('adds nothing to what the account may', () => {
    const limits = { scope: 'admin', repositories: new Set(['team/app']) } as const;
    for (const visibility of visibilities) {
      for (const relation of relations) {
        const limited = allowedTo({ ...alice, limits }, relation, visibility);
        expect(allowedTo(alice, relation, visibility)).toEqual(expect.arrayContaining([...limited]));
      }
    }
  });
});
