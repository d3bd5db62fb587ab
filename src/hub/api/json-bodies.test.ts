/** Bodies of any JSON, and of the right names with any values, at every address that takes one: refused in its own words, never a fault. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import fc from 'fast-check';
import { z } from 'zod';
import { HubFixture } from '../testing/hub-fixture.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let hub: HubFixture;
let session = '';

beforeAll(async () => {
  hub = await HubFixture.create('alice');
  await hub.pushImage('alice', 'alice/app', 'latest');
  session = await hub.session('alice');
});
afterAll(() => hub[Symbol.asyncDispose]());

const known: Readonly<Record<string, string>> = { namespace: 'alice', username: 'alice', repository: 'app' };

function addressOf({ path }: Route): string {
  return path.replaceAll(/\{(\w+)\}/g, (_brace, name: string) => known[name] ?? 'latest');
}

function bodyOf({ body }: Route): fc.Arbitrary<string> {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('alice', 'app', 'a'.repeat(100_000), -1, 1e99, '2026-01-01T00:00:00Z'),
  );
  const names = body instanceof z.ZodObject ? Object.keys(body.shape) : [];
  const shaped = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  return fc.oneof(
    fc.json(),
    fc.string({ maxLength: 50 }),
    shaped.map((each) => JSON.stringify(each)),
  );
}

const withBody = routes.filter(({ body }) => body !== undefined);

describe.each(withBody.map((route) => [`${route.method} ${route.path}`, route] as const))(
  'a body for %s',
  (_name, route) => {
    test('is read, or refused with a message', async () => {
      await fc.assert(
        fc.asyncProperty(bodyOf(route), async (body) => {
          const headers = { 'Content-Type': 'application/json' };
          // Another address each time: the limits on sign-ins and sign-ups are not what is tested.
          const address = `2001:db8:${(attempts += 1).toString(16)}::1`;
          const options = { token: session, headers, body, address };
          const response = await hub.send(route.method, addressOf(route), options);
          expect(response.status).toBeLessThan(500);
          if (response.status < 400) return;
          expect(((await response.json()) as { message: string }).message).not.toBe('');
        }),
        { numRuns: 15 },
      );
      // The session may have been ended by what was valid.
      session = await hub.session('alice');
    });
  },
);

let attempts = 0;
