/** A backup is the hub of one moment, whatever happens while it is made; and a hub again, in whichever database. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError, CorruptError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { type Digest, hexOf } from '../../oci/image/digest.ts';
import { readHubConfig } from '../config.ts';
import { collectGarbage } from '../registry/collect-garbage.ts';
import { backup, bringBack, problemsOf, restored, statusOf } from '../testing/backups.ts';
import { newPostgresDatabase } from '../testing/database-config.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { BackupDirectory } from './backup-directory.ts';
import type { DamagedBlob } from './copy-blobs.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let directory = '';
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-backup-test-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function newDirectory(): string {
  count += 1;
  return join(directory, String(count));
}

function blobIn(root: string, digest: Digest): string {
  const hex = hexOf(digest);
  return join(root, 'blobs/sha256', hex.slice(0, 2), hex);
}

const sqlite = { CAIS_HUB_DATABASE: '' };

test.each([
  ['SQLite', 'SQLite'],
  ['SQLite', 'PostgreSQL'],
  ['PostgreSQL', 'SQLite'],
  ['PostgreSQL', 'PostgreSQL'],
])('a backup of a hub on %s is the same hub on %s', async (from, to) => {
  const settingsOf = async (kind: string): Promise<Record<string, string>> =>
    kind === 'SQLite' ? sqlite : { CAIS_HUB_DATABASE: await newPostgresDatabase() };
  await using hub = await HubFixture.createWith({ settings: await settingsOf(from) }, 'root1', 'alice');
  const image = await hub.pushImage('alice', 'alice/app', '1.0');
  await hub.pushImage('alice', 'alice/secret', '1.0');
  const session = await hub.session('alice');
  await hub.send('PATCH', '/v2/repositories/alice/secret/', { token: session, body: { is_private: true } });
  const token = await hub.fullToken('alice', 'alice/app');
  const path = newDirectory();
  const damaged: DamagedBlob[] = [];
  const { manifest } = await backup(hub, path, damaged);
  expect([damaged, manifest.blobs.count]).toEqual([[], 2]);

  await using copy = await restored(path, await settingsOf(to));
  expect(await problemsOf(copy)).toEqual([]);
  // By a token that the hub had signed, and a session that it had begun: keys and rows are there.
  expect(await statusOf(copy, token, `alice/app/blobs/${image.layer}`)).toBe(200);
  expect(await statusOf(copy, token, 'alice/app/manifests/1.0')).toBe(200);
  const found = await copy.send('GET', '/v2/search/repositories/?query=secret', { token: session });
  expect(await found.json()).toMatchObject({ count: 1 });
  expect((await copy.send('GET', '/v2/repositories/alice/secret/')).status).toBe(404);
  await copy.pushImage('alice', 'alice/new', '1.0');
  expect(await problemsOf(copy)).toEqual([]);
});

test('only its owner may read a backup', async () => {
  await using hub = await HubFixture.create('alice');
  // A certificate's key, or whatever else is in the hub's directory.
  await Bun.write(join(hub.config().directory, 'tls/key.pem'), 'secret');
  const path = newDirectory();
  const { generation, manifest } = await backup(hub, path);
  expect(manifest.secrets).toMatchObject([{ path: 'tls/key.pem', size: 6 }]);
  const secret = join(generation.secretsDirectory, manifest.secrets[0]?.path ?? '');
  const files = [generation.databasePath, generation.manifestPath, secret];
  for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
  await using copy = await restored(path, await hub.newDatabase());
  const back = Bun.file(join(copy.config().directory, 'tls/key.pem'));
  expect([await back.text(), (await back.stat()).mode & 0o777]).toEqual(['secret', 0o600]);
  for (const made of [path, generation.directory]) expect((await stat(made)).mode & 0o777).toBe(0o700);
});

test('the second copies what is new; each is the hub of its moment; and blobs go with the last that needs them', async () => {
  await using hub = await HubFixture.create('alice');
  const path = newDirectory();
  const first = await hub.pushImage('alice', 'alice/app', '1.0');
  const before = await backup(hub, path);
  expect(before.copied).toMatchObject({ blobs: 2, present: 0 });
  const second = await hub.pushImage('alice', 'alice/app', '2.0');
  const token = await hub.fullToken('alice', 'alice/app');
  await hub.send('DELETE', `/v2/alice/app/manifests/${first.digest}`, { token });
  await using parts = await hub.openParts();
  await collectGarbage(parts, { before: new Date(Date.now() + 60_000), untagged: false, dryRun: false });
  const after = await backup(hub, path);
  expect(after.copied).toMatchObject({ blobs: 2, present: 0 });
  expect((await backup(hub, path)).copied).toMatchObject({ blobs: 0, present: 2 });

  {
    await using old = await restored(path, await hub.newDatabase(), before.generation.name);
    const tags = await old.send('GET', '/v2/alice/app/tags/list', { token });
    expect(await tags.json()).toMatchObject({ tags: ['1.0'] });
    expect(await statusOf(old, token, `alice/app/blobs/${first.layer}`)).toBe(200);
  }
  using target = await BackupDirectory.openToWrite(path);
  expect((await target.prune(2)).removed).toEqual([before.generation.name]);
  expect(await Bun.file(blobIn(path, first.layer)).exists()).toBe(false);
  expect(await Bun.file(blobIn(path, second.layer)).exists()).toBe(true);
  expect((await target.prune(2)).removed).toEqual([]);
});

test('what is deleted and collected while a backup runs is in it', async () => {
  await using hub = await HubFixture.create('alice');
  const image = await hub.pushImage('alice', 'alice/app', '1.0');
  await using parts = await hub.openParts();
  const collect = () =>
    collectGarbage(parts, { before: new Date(Date.now() + 60_000), untagged: false, dryRun: false });
  {
    await using _ = await parts.holds.take('backup');
    const token = await hub.fullToken('alice', 'alice/app');
    await hub.send('DELETE', `/v2/alice/app/manifests/${image.digest}`, { token });
    await collect();
    expect(await parts.contents.stat(image.layer)).toBeDefined();
  }
  expect((await collect()).blobs).toBe(2);
  expect(await parts.contents.stat(image.layer)).toBeUndefined();
});

test('one that was cut off is none, and the next goes on with its blobs', async () => {
  await using hub = await HubFixture.create('alice');
  await hub.pushImage('alice', 'alice/app', '1.0');
  const path = newDirectory();
  const { generation } = await backup(hub, path);
  await rm(generation.manifestPath);
  {
    using source = await BackupDirectory.openToRead(path);
    expect(await source.list()).toEqual([]);
    await expect(source.find(undefined)).rejects.toBeInstanceOf(NotFoundError);
  }
  expect((await backup(hub, path)).copied).toMatchObject({ blobs: 0, present: 2 });
  expect(await readdir(join(path, 'generations'))).toHaveLength(1);
});

test('a blob that the hub has lost is named, and all else is copied', async () => {
  await using hub = await HubFixture.create('alice');
  const image = await hub.pushImage('alice', 'alice/app', '1.0');
  await using parts = await hub.openParts();
  await parts.contents.delete(image.layer);
  const path = newDirectory();
  const damaged: DamagedBlob[] = [];
  const { manifest } = await backup(hub, path, damaged);
  const expected = [{ digest: image.layer, size: 'layer of 1.0'.length, kind: 'missing' as const }];
  expect([damaged, manifest.damaged]).toEqual([expected, expected]);
  await using copy = await restored(path, await hub.newDatabase());
  expect(await problemsOf(copy)).toEqual([`${image.layer} is missing`]);
  await copy.pushImage('alice', 'alice/app', '1.0');
  expect(await problemsOf(copy)).toEqual([]);
});

test('bytes that the backup disk changed never come back: blobs are named, rows and keys refused', async () => {
  await using hub = await HubFixture.create('alice');
  const image = await hub.pushImage('alice', 'alice/app', '1.0');
  const path = newDirectory();
  const { generation } = await backup(hub, path);
  const blob = blobIn(path, image.layer);
  await chmod(blob, 0o600);
  await Bun.write(blob, 'LAYER of 1.0');
  const data = await mkdtemp(join(tmpdir(), 'cais-hub-test-'));
  const damaged: DamagedBlob[] = [];
  const settings = await hub.newDatabase();
  await bringBack(path, readHubConfig({ data }, settings), { damaged });
  expect(damaged).toMatchObject([{ digest: image.layer, kind: 'changed' }]);
  await using copy = await HubFixture.at(data, { settings });
  expect(await problemsOf(copy)).toEqual([`${image.layer} is missing`]);
  await Bun.write(generation.databasePath, 'no rows');
  const refused = restored(path, await hub.newDatabase());
  await expect(refused).rejects.toBeInstanceOf(CorruptError);
});

test('a hub that is there is not written over, a directory of something else neither, and two do not write at once', async () => {
  await using hub = await HubFixture.create('alice');
  const path = newDirectory();
  await backup(hub, path);
  await expect(bringBack(path, hub.config())).rejects.toBeInstanceOf(ConflictError);
  await expect(BackupDirectory.openToWrite(hub.directory)).rejects.toBeInstanceOf(InvalidError);
  await expect(BackupDirectory.openToRead(hub.directory)).rejects.toBeInstanceOf(NotFoundError);
  using _ = await BackupDirectory.openToWrite(path);
  await expect(BackupDirectory.openToWrite(path)).rejects.toBeInstanceOf(ConflictError);
  await expect(BackupDirectory.openToRead(path)).rejects.toBeInstanceOf(ConflictError);
});
