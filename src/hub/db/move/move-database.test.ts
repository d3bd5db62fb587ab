/** A hub that was moved from SQLite to PostgreSQL is the hub that it was. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { ConflictError } from '../../../lib/errors.ts';
import { newPostgresDatabase } from '../../testing/database-config.ts';
import { HubFixture } from '../../testing/hub-fixture.ts';
import { openDatabase } from '../open-database.ts';
import { PostgresDatabase } from '../postgres-database.ts';
import { FrozenSource } from './frozen-source.ts';
import { moveDatabase } from './move-database.ts';

setDefaultTimeout(120_000);

test('goes on serving pulls, refuses pushes, and is all there at the other side, cut off in between or not', async () => {
  await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_DATABASE: '' } }, 'root1', 'alice');
  const token = await hub.session('alice');
  const image = await hub.pushImage('alice', 'alice/app', '1.0');
  await hub.pushImage('alice', 'alice/app', '2.0');
  await hub.pushImage('alice', 'alice/secret', '1.0');
  await hub.send('PATCH', '/v2/repositories/alice/secret/', { token, body: { is_private: true } });
  await hub.send('PATCH', '/v2/repositories/alice/app/', { token, body: { description: 'nul\0 and ü' } });
  const registryToken = await hub.fullToken('alice', 'alice/app');
  await hub.send('DELETE', '/v2/alice/app/manifests/2.0', { token: registryToken });
  const { databasePath } = hub.config();
  const url = await newPostgresDatabase();
  await using target = await PostgresDatabase.open({ url, poolSize: 2 });

  const steps: string[] = [];
  const cutOff = moveDatabase(databasePath, target, ({ table }) => {
    steps.push(table);
    if (table === 'tags') throw new ConflictError('cut off');
  });
  await expect(cutOff).rejects.toThrow('cut off');
  const refused = openDatabase({ databasePath, postgres: { url, poolSize: 2 } });
  await expect(refused).rejects.toBeInstanceOf(ConflictError);
  expect((await hub.send('GET', '/v2/alice/app/manifests/1.0', { token: registryToken })).status).toBe(200);
  const push = await hub.send('PUT', '/v2/alice/app/manifests/3.0', {
    token: registryToken,
    body: image.bytes,
    headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' },
  });
  expect([push.status, push.headers.get('Retry-After')]).toEqual([503, '2']);

  const verified: string[] = [];
  await moveDatabase(databasePath, target, ({ table, rows, isVerified }) => {
    if (isVerified && rows > 0) verified.push(table);
    else if (!isVerified) expect(steps.slice(0, -1)).not.toContain(table);
  });
  expect(verified).toContain('tags');
  expect(verified).toContain('repository_totals');

  await using moved = await hub.over({ CAIS_HUB_DATABASE: url });
  const list = await moved.send('GET', '/v2/alice/app/tags/list', { token: registryToken });
  expect(await list.json()).toMatchObject({ tags: ['1.0'] });
  const found = await moved.send('GET', '/v2/search/repositories/?query=secret', { token });
  expect(await found.json()).toMatchObject({ count: 1 });
  await moved.pushImage('alice', 'alice/new', '1.0');
  const told: string[] = [];
  const onMoved = (message: string): void => void told.push(message);
  await (await openDatabase({ databasePath, postgres: undefined }, { onMoved }))[Symbol.asyncDispose]();
  expect(told).toEqual([expect.stringContaining('start it with that --database')]);
  expect(await target.read(sql`SELECT count(*) AS count FROM repositories`)).toEqual([{ count: 3 }]);
  expect(await target.read(sql`SELECT tags FROM repository_totals ORDER BY repository_id`)).toEqual([
    { tags: 1 },
    { tags: 1 },
    { tags: 1 },
  ]);
});

test('a database that has a hub is not moved into; a move that is given up lets the hub write again', async () => {
  await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_DATABASE: '' } }, 'alice');
  const { databasePath } = hub.config();
  const settings = { CAIS_HUB_DATABASE: await newPostgresDatabase() };
  await using other = await HubFixture.createWith({ settings }, 'bob');
  await using target = await PostgresDatabase.open({ url: settings.CAIS_HUB_DATABASE, poolSize: 2 });
  const refused = moveDatabase(databasePath, target, () => undefined);
  await expect(refused).rejects.toBeInstanceOf(ConflictError);
  expect((await other.send('GET', '/readyz')).status).toBe(200);
  FrozenSource.thaw(databasePath);
  await hub.pushImage('alice', 'alice/app', '1.0');
});
