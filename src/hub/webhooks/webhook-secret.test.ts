/** Secrets of webhooks where several copies of a hub may have to open them. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';
import { PostgresServer } from '../testing/postgres-server.ts';

setDefaultTimeout(120_000);

test('over PostgreSQL they are sealed once all copies have the key, and not with a file of one of them', async () => {
  await using server = await PostgresServer.start();
  const settings = { CAIS_HUB_DATABASE: await server.create() };
  await using hub = await HubFixture.createWith({ settings }, 'alice');
  await hub.pushImage('alice', 'alice/app', '1.0');
  const make = async (name: string): Promise<string> => {
    const answer = await hub.send('POST', '/v2/repositories/alice/app/webhooks', {
      token: await hub.session('alice'),
      body: { name, hook_url: 'https://ci.example/hook' },
    });
    return (await bodyOf<{ secret: string }>(answer)).secret;
  };
  const stored = async (): Promise<readonly string[]> =>
    (await hub.query(sql<{ secret: string }>`SELECT secret FROM webhooks ORDER BY id`)).map(
      ({ secret }) => secret,
    );
  const plain = [await make('one')];
  await hub.openParts().then(async (parts) => {
    await parts.secrets.seal('the password of a registry');
    await parts[Symbol.asyncDispose]();
  });
  expect(existsSync(join(hub.config().keysDirectory, 'secrets.key'))).toBe(true);
  await hub.restart();
  plain.push(await make('two'));
  expect(await stored()).toEqual(plain);
  const key = Buffer.alloc(32, 'k').toString('base64');
  await using other = await hub.over({ CAIS_HUB_SECRETS_KEY: key });
  expect((await other.send('GET', '/healthz')).status).toBe(200);
  const sealed = await stored();
  expect(sealed.filter((secret) => secret.includes('whsec_'))).toEqual([]);
  await using parts = await other.openParts();
  expect(await Promise.all(sealed.map((secret) => parts.secrets.open(secret)))).toEqual(plain);
});
