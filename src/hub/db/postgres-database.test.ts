/** What only PostgreSQL has: several who write at once, a server that goes away, and one that crashes. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { eventually } from '../../../tests/support/eventually.ts';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { PostgresServer } from '../testing/postgres-server.ts';
import { PostgresDatabase } from './postgres-database.ts';

setDefaultTimeout(120_000);

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

test('several copies that start at once over an empty database make one schema', async () => {
  const url = await server.create();
  const program = `const { PostgresDatabase } = await import(${JSON.stringify(`${import.meta.dir}/postgres-database.ts`)});
    await (await PostgresDatabase.open({ url: ${JSON.stringify(url)}, poolSize: 2 }))[Symbol.asyncDispose]();`;
  const copies = Array.from({ length: 4 }, () =>
    Bun.spawn([process.execPath, '-e', program], { stderr: 'inherit' }),
  );
  expect(await Promise.all(copies.map(({ exited }) => exited))).toEqual([0, 0, 0, 0]);
  await using database = await PostgresDatabase.open({ url, poolSize: 2 });
  const versions = await database.read(sql<{ count: number }>`SELECT count(*) AS count FROM schema_version`);
  expect(versions).toEqual([{ count: 1 }]);
});

test('what a transaction has read stays so until it ends, whichever copy writes', async () => {
  const url = await server.create();
  await using one = await PostgresDatabase.open({ url, poolSize: 3 });
  await using other = await PostgresDatabase.open({ url, poolSize: 3 });
  const row = { uuid: 'a', token_hash: 'a', email: '', created_at: 0, expires_at: 0 };
  await one.queries.insertInto('invitations').values(row).execute();
  const count = (database: PostgresDatabase): Promise<void> =>
    database.exclusively(async (transaction) => {
      const { created_at } = await transaction
        .selectFrom('invitations')
        .select('created_at')
        .executeTakeFirstOrThrow();
      await Bun.sleep(1);
      await transaction
        .updateTable('invitations')
        .set({ created_at: created_at + 1 })
        .execute();
    });
  await Promise.all(Array.from({ length: 40 }, (_, at) => count(at % 2 ? one : other)));
  expect(await one.read(sql`SELECT created_at FROM invitations`)).toEqual([{ created_at: 40 }]);
});

test('a database without a hub in it stays empty when a hub has to be there: its name may be mistyped', async () => {
  const url = await server.create();
  const refused = PostgresDatabase.open({ url, poolSize: 2 }, { mustExist: true });
  await expect(refused).rejects.toBeInstanceOf(NotFoundError);
  await (await PostgresDatabase.open({ url, poolSize: 2 }))[Symbol.asyncDispose]();
  await using found = await PostgresDatabase.open({ url, poolSize: 2 }, { mustExist: true });
  expect(await found.isBeingFilled()).toBe(false);
});

test('an address that is wrong is told without its password', async () => {
  const url = server.urlOf('absent').replace('postgres@', 'postgres:hush-hush@');
  const refused = PostgresDatabase.open({ url, poolSize: 2 }, { patience: 0 });
  await expect(refused).rejects.toBeInstanceOf(InvalidError);
  await refused.catch((error: unknown) => expect(String(error)).not.toContain('hush'));
});

describe('a server that ends', () => {
  test('is a 503 that says when to come back, and is found again by itself', async () => {
    await using own = await PostgresServer.start();
    const settings = { CAIS_HUB_DATABASE: await own.create() };
    await using hub = await HubFixture.createWith({ settings }, 'alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    await own.kill();
    for (const path of ['/readyz', '/v2/repositories/alice/app/', '/v2/search/repositories/?query=app']) {
      const answer = await hub.send('GET', path);
      expect([path, answer.status, answer.headers.get('Retry-After')]).toEqual([path, 503, '2']);
    }
    expect((await hub.send('GET', '/healthz')).status).toBe(200);
    await own.resume();
    await eventually(async () => expect((await hub.send('GET', '/readyz')).status).toBe(200));
    expect((await hub.send('GET', '/v2/repositories/alice/app/')).status).toBe(200);
  });

  test('by kill -9 in the middle of pushes has all that was acknowledged', async () => {
    await using own = await PostgresServer.start(['fsync=on', 'wal_writer_delay=10s']);
    const settings = { CAIS_HUB_DATABASE: await own.create() };
    await using hub = await HubFixture.createWith({ settings }, 'alice');
    const acknowledged: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const pushes = Array.from({ length: 4 }, async (_, at) => {
        for (let number = 0; ; number += 1) {
          const tag = `${round}.${at}.${number}`;
          // Until the server is gone.
          if (!(await pushed(hub, tag))) return;
          acknowledged.push(tag);
        }
      });
      const least = acknowledged.length + 3 + round * 3;
      await eventually(() => expect(acknowledged.length).toBeGreaterThan(least));
      await own.kill();
      await Promise.all(pushes);
      await own.resume();
      await eventually(async () => expect((await hub.send('GET', '/readyz')).status).toBe(200));
    }
    const token = await hub.fullToken('alice', 'alice/app');
    const list = await hub.send('GET', '/v2/alice/app/tags/list?n=10000', { token });
    const { tags } = (await list.json()) as { tags: string[] };
    expect(acknowledged.filter((tag) => !tags.includes(tag))).toEqual([]);
  });
});

async function pushed(hub: HubFixture, tag: string): Promise<boolean> {
  try {
    await hub.pushImage('alice', 'alice/app', tag);
    return true;
  } catch {
    return false;
  }
}
