/** A backup of a hub on PostgreSQL and an object store is a hub on SQLite and files, and of that one on both again. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Swift, startSwift } from '../../../tests/support/swift.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { S3Client } from '../storage/s3-client.ts';
import { readS3Config } from '../storage/s3-config.ts';
import { backup, problemsOf, restored } from '../testing/backups.ts';
import { newPostgresDatabase } from '../testing/database-config.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import type { DamagedBlob } from './copy-blobs.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(180_000);

let directory = '';
let swift: Swift;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-backup-test-'));
  swift = await startSwift();
  const settings = storeAt('any');
  await new S3Client(readS3Config(settings.CAIS_HUB_BLOBS, settings)).call('PUT', null);
});
afterAll(async () => {
  await swift[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function storeAt(prefix: string) {
  return {
    CAIS_HUB_BLOBS: `s3://blobs/${prefix}?endpoint=${swift.endpoint}&downloads=stream`,
    AWS_ACCESS_KEY_ID: swift.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: swift.credentials.secretAccessKey,
  };
}

async function elsewhere(prefix: string): Promise<Record<string, string>> {
  return { ...storeAt(prefix), CAIS_HUB_DATABASE: await newPostgresDatabase() };
}

/** Digests of what a client gets. */
async function pulled(hub: HubFixture, token: string, paths: readonly string[]): Promise<readonly Digest[]> {
  return await Promise.all(
    paths.map(async (path) => {
      const answer = await hub.send('GET', `/v2/alice/app/${path}`, { token });
      expect([path, answer.status]).toEqual([path, 200]);
      return digestOf(await answer.bytes());
    }),
  );
}

/** How many blobs are where, when all of them are whole. */
async function kept(hub: HubFixture): Promise<{ isRemote: boolean; blobs: number }> {
  expect(await problemsOf(hub)).toEqual([]);
  await using parts = await hub.openParts();
  const { contents } = parts;
  return { isRemote: contents.isRemote, blobs: (await Array.fromAsync(contents.list())).length };
}

test('it is the same hub at each of them', async () => {
  await using hub = await HubFixture.createWith({ settings: await elsewhere('first') }, 'root1', 'alice');
  const image = await hub.pushImage('alice', 'alice/app', '1.0');
  const token = await hub.fullToken('alice', 'alice/app');
  // Sent to the store in parts.
  const large = await hub.pushBlob(token, 'alice/app', 'a layer of many bytes. '.repeat(500_000));
  const paths = ['manifests/1.0', ...[image.config, image.layer, large].map((digest) => `blobs/${digest}`)];
  const wanted = [image.digest, image.config, image.layer, large];
  const damaged: DamagedBlob[] = [];

  await backup(hub, join(directory, 'first'), damaged);
  await using files = await restored(join(directory, 'first'), { CAIS_HUB_DATABASE: '' });
  expect(await kept(files)).toEqual({ isRemote: false, blobs: 3 });
  expect(await pulled(files, token, paths)).toEqual(wanted);

  await backup(files, join(directory, 'second'), damaged);
  await using back = await restored(join(directory, 'second'), await elsewhere('second'));
  expect(await kept(back)).toEqual({ isRemote: true, blobs: 3 });
  expect(await pulled(back, token, paths)).toEqual(wanted);
  await back.pushImage('alice', 'alice/app', '2.0');
  expect(await kept(back)).toEqual({ isRemote: true, blobs: 5 });

  expect(await kept(hub)).toEqual({ isRemote: true, blobs: 3 });
  expect(await pulled(hub, token, paths)).toEqual(wanted);
  expect(damaged).toEqual([]);
});
