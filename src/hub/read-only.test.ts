/**
 * What a hub depends on cannot be written to: changes are refused with the reason, pulls go on, and pushes work again by themselves
 * as soon as it can be.
 */
import { Database as SqliteFile } from 'bun:sqlite';
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import { UnavailableError } from '../lib/errors.ts';
import { runChecked } from '../lib/subprocess.ts';
import { digestOf } from '../oci/image/digest.ts';
import type { Schema } from './db/schema.ts';
import { unwatched } from './db/statements.ts';
import { sqliteDialect } from './db/sqlite-dialect.ts';
import { fsck } from './keeping/fsck/fsck.ts';
import { codesOf, HubFixture, type PushedImage } from './testing/hub-fixture.ts';
import { PostgresServer } from './testing/postgres-server.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const repository = 'alice/app';

async function expectServing(hub: HubFixture, token: string, image: PushedImage): Promise<void> {
  const manifest = await hub.send('GET', `/v2/${repository}/manifests/1.0`, { token });
  const layer = await hub.send('GET', `/v2/${repository}/blobs/${image.layer}`, { token });
  expect([manifest.status, await manifest.text(), layer.status]).toEqual([200, image.bytes, 200]);
}

async function expectSound(hub: HubFixture): Promise<void> {
  await using parts = await hub.openParts();
  expect(await Array.fromAsync(fsck(parts, { isQuick: false }))).toEqual([]);
}

describe('PostgreSQL that takes no writes', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** As for a server that is being replaced by another. */
  async function setReadOnly(how: 'on' | 'off'): Promise<void> {
    await server.run(`ALTER SYSTEM SET default_transaction_read_only = ${how}`);
    await server.run('SELECT pg_reload_conf()');
    for (let isSet = false; !isSet; await Bun.sleep(10)) {
      const [row] = (await server.run('SHOW default_transaction_read_only')) as {
        default_transaction_read_only: string;
      }[];
      isSet = row?.default_transaction_read_only === how;
    }
  }

  test('pushes are refused with 503, pulls go on, and it takes no restart to push again', async () => {
    const settings = { CAIS_HUB_DATABASE: await server.create(), CAIS_HUB_DATABASE_POOL: '4' };
    await using hub = await HubFixture.createWith({ settings }, 'alice');
    const image = await hub.pushImage('alice', repository, '1.0');
    const token = await hub.fullToken('alice', repository);
    await setReadOnly('on');
    const refused = await hub.putManifest(token, repository, '2.0', image.bytes);
    expect([refused.status, refused.headers.has('Retry-After')]).toEqual([503, true]);
    expect(await refused.text()).toContain('read-only');
    await expectServing(hub, token, image);
    await setReadOnly('off');
    expect((await hub.putManifest(token, repository, '2.0', image.bytes)).status).toBe(201);
    await expectSound(hub);
  });
});

test('SQLite that cannot write says so', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cais-hub-read-only-'));
  try {
    const path = join(directory, 'hub.sqlite');
    new SqliteFile(path, { create: true }).run(
      'CREATE TABLE holds (id TEXT, purpose TEXT, expires_at BIGINT)',
    );
    const dialect = sqliteDialect(new SqliteFile(path, { readonly: true }), unwatched);
    const queries = new Kysely<Schema>({ dialect });
    const write = queries.insertInto('holds').values({ id: '1', purpose: 'x', expires_at: 0 }).execute();
    const failure = await write.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnavailableError);
    expect((failure as Error).message).toBe('cannot write to the database: it is read-only');
    await queries.destroy();
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a disk for blobs that became read-only refuses uploads, and takes them again', async () => {
  await using hub = await HubFixture.createWith({ settings: { CAIS_HUB_DATABASE: '' } }, 'alice');
  const image = await hub.pushImage('alice', repository, '1.0');
  const token = await hub.fullToken('alice', repository);
  const uploads = join(hub.directory, 'hub/ingest');
  const push = (text: string): Promise<Response> =>
    hub.send('POST', `/v2/${repository}/blobs/uploads/?digest=${digestOf(text)}`, { token, body: text });
  await runChecked(['mount', '--bind', uploads, uploads]);
  try {
    await runChecked(['mount', '-o', 'remount,bind,ro', uploads]);
    const refused = await push('new');
    expect([refused.status, await codesOf(refused)]).toEqual([503, ['UNAVAILABLE']]);
    const begun = await hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token });
    expect([begun.status, await begun.text()]).toEqual([503, expect.stringContaining('read-only')]);
    await expectServing(hub, token, image);
  } finally {
    await runChecked(['umount', uploads]);
  }
  expect((await push('new')).status).toBe(201);
  await expectSound(hub);
});
