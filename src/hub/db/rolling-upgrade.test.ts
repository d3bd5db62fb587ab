/**
 * Copies of the hub are replaced one after the other: while a newer one has brought the database up to date, those of today that
 * still run go on, and none of today is started any more. docs/upgrading.md says so to those who run it.
 */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { UnsupportedError } from '../../lib/errors.ts';
import { newPostgresDatabase } from '../testing/database-config.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

setDefaultTimeout(300_000);

/** As a migration of a version to come does it: in one transaction, and columns and tables are only added. */
async function upgrade(hub: HubFixture, tables: readonly string[]): Promise<void> {
  await using parts = await hub.openParts();
  await parts.database.transaction(async (transaction) => {
    for (const table of tables) {
      const added = sql`ALTER TABLE ${sql.table(table)} ADD COLUMN of_tomorrow INTEGER NOT NULL DEFAULT 0`;
      await added.execute(transaction);
    }
    await sql`CREATE TABLE tomorrow (id INTEGER PRIMARY KEY)`.execute(transaction);
    await sql`UPDATE schema_version SET version = 1000`.execute(transaction);
  });
}

test.each(['sqlite', 'postgres'] as const)(
  'what runs goes on over a newer schema, what is started refuses, in %s',
  async (kind) => {
    const settings =
      kind === 'sqlite'
        ? {}
        : { CAIS_HUB_DATABASE: await newPostgresDatabase(), CAIS_HUB_DATABASE_POOL: '2' };
    await using hub = await HubFixture.createWith({ settings }, 'alice');
    const use = async (tag: string): Promise<void> => {
      const session = await hub.session('alice');
      expect((await hub.send('GET', '/v2/user', { token: session })).status).toBe(200);
      const { digest, layer } = await hub.pushImage('alice', 'alice/app', tag);
      const token = await hub.fullToken('alice', 'alice/app');
      for (const path of [`manifests/${tag}`, `manifests/${digest}`, `blobs/${layer}`, 'tags/list'])
        expect([path, (await hub.send('GET', `/v2/alice/app/${path}`, { token })).status]).toEqual([
          path,
          200,
        ]);
      for (const path of [
        '/v2/repositories/alice/app/',
        '/v2/repositories/alice/app/tags/',
        '/v2/search/repositories/?query=app',
      ])
        expect([path, (await hub.send('GET', path)).status]).toEqual([path, 200]);
      const removed = await hub.send('DELETE', `/v2/alice/app/manifests/${tag}`, { token });
      expect(removed.status).toBe(202);
    };
    // Twice: every connection has its statements prepared.
    for (const tag of ['a', 'b', 'c']) await use(tag);
    const names = [
      'accounts',
      'sessions',
      'repositories',
      'repository_blobs',
      'manifests',
      'manifest_references',
      'tags',
      'audit',
    ];
    await upgrade(hub, names);
    for (const tag of ['d', 'e', 'f']) await use(tag);
    const started = hub.openParts();
    await expect(started).rejects.toBeInstanceOf(UnsupportedError);
    await expect(started).rejects.toThrow('newer version');
  },
);
