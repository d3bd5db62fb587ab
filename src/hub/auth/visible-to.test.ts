/** What lists show is what the policy lets one pull: the condition in SQL and the pure function agree, whatever the grants. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubDatabase } from '../db/database.ts';
import { SqliteDatabase } from '../db/sqlite-database.ts';
import type { OrganizationRole, TokenScope } from '../db/schema.ts';
import { parseRepositoryPath } from '../repositories/repository-path.ts';
import { RepositoryStore } from '../repositories/repository-store.ts';
import { searchRepositories } from '../search/search-repositories.ts';
import { type Actor, anonymous } from './policy.ts';
import { RightsStore } from './rights-store.ts';

const users = ['alice', 'bob', 'carol', 'root1'];
const organizations = ['acme', 'other'];
const namespaces = ['alice', 'acme', 'other', 'library'];
const paths = namespaces.flatMap((namespace) => [`${namespace}/open`, `${namespace}/team/closed`]);

interface Grants {
  readonly roles: readonly (readonly [user: number, organization: number, role: OrganizationRole])[];
  readonly collaborators: readonly (readonly [user: number, path: number, permission: number])[];
  readonly teams: readonly (readonly [
    user: number,
    organization: number,
    path: number,
    permission: number,
  ])[];
  readonly limits: { readonly scope: TokenScope; readonly repositories: readonly string[] | null } | null;
}

const user = fc.nat(users.length - 1);
const organization = fc.nat(organizations.length - 1);
const path = fc.nat(paths.length - 1);
const permission = fc.integer({ min: 1, max: 3 });
const grants: fc.Arbitrary<Grants> = fc.record({
  roles: fc.array(fc.tuple(user, organization, fc.constantFrom('owner', 'editor', 'member')), {
    maxLength: 4,
  }),
  collaborators: fc.array(fc.tuple(user, path, permission), { maxLength: 4 }),
  teams: fc.array(fc.tuple(user, organization, path, permission), { maxLength: 4 }),
  limits: fc.option(
    fc.record({
      scope: fc.constantFrom('public_read', 'read', 'write', 'delete', 'admin'),
      repositories: fc.option(fc.subarray(paths)),
    }),
  ),
});

describe('lists and policy agree', () => {
  const resources = new AsyncDisposableStack();
  let database: HubDatabase;

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cais-visible-'));
    resources.defer(() => rm(directory, { recursive: true, force: true }));
    database = resources.use(await SqliteDatabase.open(join(directory, 'hub.sqlite')));
    for (const name of [...users, ...organizations]) await addAccount(database, name);
    const repositories = new RepositoryStore(database);
    for (const each of paths) {
      const [namespace = '', ...rest] = each.split('/');
      await repositories.create(parseRepositoryPath(namespace, rest.join('/')), {
        description: '',
        fullDescription: '',
        isPrivate: each.endsWith('closed'),
      });
    }
  });

  afterAll(() => resources.disposeAsync());

  test('in catalog, search and the lists of namespaces', async () => {
    const repositories = new RepositoryStore(database);
    const rights = new RightsStore(database);
    await fc.assert(
      fc.asyncProperty(grants, async (given) => {
        await apply(database, given);
        for (const actor of actorsOf(given)) {
          const expected: string[] = [];
          for (const each of paths) {
            const [namespace = '', ...rest] = each.split('/');
            const parsed = parseRepositoryPath(namespace, rest.join('/'));
            const repository = await repositories.find(parsed);
            if (await rights.may(actor, ['pull'], parsed, repository)) expected.push(each);
          }
          expected.sort();
          expect((await repositories.paths(actor, '', 100)).toSorted()).toEqual(expected);
          const found = await searchRepositories(database, {
            text: '',
            actor,
            limit: 100,
            offset: 0,
          });
          expect(found.hits.map(({ namespace, name }) => `${namespace}/${name}`).toSorted()).toEqual(
            expected,
          );
          expect(found.count).toBe(expected.length);
          const closed = { text: 'closed', actor, limit: 100, offset: 0 };
          const named = await searchRepositories(database, closed);
          const seen = named.hits.map(({ namespace, name }) => `${namespace}/${name}`);
          const expectedClosed = expected.filter((each) => each.endsWith('closed'));
          expect([named.count, seen.toSorted()]).toEqual([expectedClosed.length, expectedClosed]);
          const listed = await Promise.all(
            namespaces.map((namespace) =>
              repositories.list({
                namespace,
                actor,
                nameContains: '',
                order: 'name',
                descending: false,
                limit: 100,
                offset: 0,
              }),
            ),
          );
          const names = listed.flatMap((page) =>
            page.repositories.map((row) => `${row.namespace}/${row.name}`),
          );
          expect(names.toSorted()).toEqual(expected);
          expect(listed.reduce((sum, page) => sum + page.count, 0)).toBe(expected.length);
        }
      }),
      { numRuns: 60 },
    );
  }, 300_000);
});

function actorsOf({ limits }: Grants): readonly Actor[] {
  return users.reduce<Actor[]>(
    (actors, name, index) => {
      const actor: Actor = { kind: 'account', id: index + 1, name, isAdmin: name === 'root1' };
      if (!limits) return [...actors, actor];
      const repositories = limits.repositories === null ? undefined : new Set(limits.repositories);
      return [...actors, { ...actor, limits: { scope: limits.scope, repositories } }];
    },
    [anonymous],
  );
}

async function addAccount(database: HubDatabase, name: string): Promise<void> {
  await database.queries
    .insertInto('accounts')
    .values({
      name,
      email: '',
      password_hash: '',
      is_admin: 0,
      full_name: '',
      location: '',
      company: '',
      created_at: 0,
      kind: organizations.includes(name) ? 'organization' : 'user',
    })
    .execute();
}

/** Accounts and repositories are numbered in the order in which they were made. */
async function apply({ queries }: HubDatabase, given: Grants): Promise<void> {
  for (const table of ['organization_members', 'collaborators', 'teams'] as const) {
    await queries.deleteFrom(table).execute();
  }
  const organizationId = (index: number): number => users.length + 1 + index;
  for (const [account, owner, role] of given.roles) {
    await queries
      .insertInto('organization_members')
      .values({ organization_id: organizationId(owner), account_id: account + 1, role, created_at: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  for (const [account, repository, level] of given.collaborators) {
    await queries
      .insertInto('collaborators')
      .values({ account_id: account + 1, repository_id: repository + 1, permission: level })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  for (const [index, [account, owner, repository, level]] of given.teams.entries()) {
    const { id } = await queries
      .insertInto('teams')
      .values({
        uuid: crypto.randomUUID(),
        organization_id: organizationId(owner),
        name: `team${index}`,
        description: '',
        created_at: 0,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await queries
      .insertInto('team_members')
      .values({ team_id: id, account_id: account + 1 })
      .execute();
    await queries
      .insertInto('team_repositories')
      .values({ team_id: id, repository_id: repository + 1, permission: level })
      .execute();
  }
}
