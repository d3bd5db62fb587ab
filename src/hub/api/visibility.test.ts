/** The JSON API and search answer everybody else about a private repository exactly as about one that isn't there. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { bodyOf } from '../testing/hub-fixture.ts';
import {
  apiTokens,
  createSecretRepository,
  expectSame,
  type SecretRepository,
} from '../testing/secret-repository.ts';
import { routes } from './routes.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const examples: Readonly<Record<string, string>> = {
  namespace: 'alice',
  repository: 'NAME',
  tag: 'latest',
  username: 'alice',
};

/** Every address of a route, in both spellings of its end. */
function addresses(path: string, aliases: readonly string[] = []): readonly string[] {
  const filled = [path, ...aliases].map((each) =>
    each.replaceAll(/\{(\w+)\}/g, (_, name: string) => examples[name] ?? '1'),
  );
  return filled.flatMap((each) => [each, `${each}/`]);
}

describe('a private repository looks like an absent one', () => {
  let secret: SecretRepository;
  let tokens: Awaited<ReturnType<typeof apiTokens>>;

  beforeAll(async () => {
    secret = await createSecretRepository();
    tokens = await apiTokens(secret.hub);
  });

  afterAll(() => secret[Symbol.asyncDispose]());

  for (const { id, method, path, aliases, body } of routes.filter((each) =>
    each.path.includes('{repository}'),
  )) {
    test(`to ${id}`, async () => {
      for (const [who, token] of Object.entries(tokens)) {
        for (const address of addresses(path, aliases)) {
          const options = { token, ...(body && { body: {} }) };
          const status = await expectSame(secret.hub, who, method, address, options);
          expect([401, 404]).toContain(status);
          if (method === 'GET') await expectSame(secret.hub, who, 'HEAD', address, { token });
        }
      }
    });
  }

  test('to methods that an address does not have', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
      await expectSame(secret.hub, 'bob', method, '/v2/repositories/alice/NAME/tags', {
        token: tokens['bob'],
      });
    }
  });

  test.each([
    '/v2/search/repositories/?query=NAME',
    '/v1/search?q=NAME',
    '/v1/search?q=alice%2FNAME',
    '/v2/namespaces/alice/repositories/?name=NAME',
    '/v2/repositories/alice/?name=NAME',
    '/v2/namespaces/alice/deleted-repositories?name=NAME',
  ])('to the list %s', async (path) => {
    for (const [who, token] of Object.entries(tokens)) {
      await expectSame(secret.hub, who, 'GET', path, { token });
    }
  });

  test('to counts, and to a search for what is written about it', async () => {
    for (const token of Object.values(tokens)) {
      for (const path of [
        '/v2/search/repositories/?query=plan',
        '/v2/search/repositories/?query=',
        '/v2/namespaces/alice/repositories/',
      ]) {
        const body = await bodyOf(await secret.hub.send('GET', path, { token }));
        expect(body).toMatchObject({ count: 0, results: [] });
      }
    }
  });

  test('to who asks for a repository of that name: only its owner is told that the name is taken', async () => {
    const make = async (token: string, name: string): Promise<number> => {
      const body = { namespace: 'alice', name };
      return (await secret.hub.send('POST', '/v2/repositories', { token, body })).status;
    };
    const bob = tokens['bob'] ?? '';
    expect(await make(bob, 'secret')).toBe(403);
    expect(await make(bob, 'absent')).toBe(403);
    expect(await make(await secret.hub.session('alice'), 'secret')).toBe(400);
  });
});
