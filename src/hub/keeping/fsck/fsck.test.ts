/** What a disk, a crash or a hand in the database can do to a hub: it is found, and what can be is repaired. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type Digest, hexOf } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { createLog } from '../../../lib/log.ts';
import { readHubConfig } from '../../config.ts';
import { openHubParts } from '../../parts.ts';
import { HubFixture } from '../../testing/hub-fixture.ts';
import { startHubProcess } from '../../testing/hub-process.ts';
import { ImageClient } from '../../testing/image-client.ts';
import { fsck } from './fsck.ts';
import type { Problem } from './problem.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

interface Check {
  readonly isRepaired?: boolean;
  readonly isQuick?: boolean;
  readonly orphans?: Digest[];
}

/** As the shell does it, beside the hub that serves. */
async function check(
  hub: HubFixture,
  { isRepaired = false, isQuick = false, orphans }: Check = {},
): Promise<readonly Pick<Problem, 'kind' | 'digest' | 'repositories'>[]> {
  await using parts = await hub.openParts();
  const found: Problem[] = [];
  const onOrphan = ({ digest }: { readonly digest: Digest }): void => void orphans?.push(digest);
  for await (const problem of fsck(parts, { isQuick, onOrphan })) {
    found.push(problem);
    if (isRepaired) await problem.repair?.run();
  }
  return found.map(({ kind, digest, repositories }) => ({ kind, ...(digest && { digest }), repositories }));
}

function fileOf(hub: HubFixture, digest: Digest): string {
  const hex = hexOf(digest);
  return join(hub.directory, 'hub/blobs/sha256', hex.slice(0, 2), hex);
}

async function flipByte(hub: HubFixture, digest: Digest): Promise<void> {
  const file = fileOf(hub, digest);
  const bytes = await Bun.file(file).bytes();
  bytes[3] = (bytes[3] ?? 0) ^ 1;
  await chmod(file, 0o644);
  await Bun.write(file, bytes);
}

test('what is whole is left alone: images, indexes, what is said of them, blobs of a push that goes on', async () => {
  await using hub = await HubFixture.create('alice');
  const image = await hub.pushImage('alice', 'alice/app', 'latest');
  const token = await hub.fullToken('alice', 'alice/app');
  const child = { mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.bytes.length };
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [child, child],
  });
  expect((await hub.putManifest(token, 'alice/app', 'all', index, mediaTypes.ociIndex)).status).toBe(201);
  const signature = JSON.stringify({ ...JSON.parse(image.bytes), subject: child });
  expect((await hub.putManifest(token, 'alice/app', 'signature', signature)).status).toBe(201);
  await hub.pushBlob(token, 'alice/app', 'the first of a push');
  const orphans: Digest[] = [];
  expect(await check(hub, { isRepaired: true, orphans })).toEqual([]);
  expect(orphans).toEqual([]);
});

test('a flipped byte and a lost file are found with the images that they break, and healed by a push', async () => {
  await using hub = await HubFixture.create('alice', 'bob');
  const image = await hub.pushImage('alice', 'alice/app', 'latest');
  await hub.pushImage('bob', 'bob/copy', 'latest');
  await flipByte(hub, image.layer);
  await rm(fileOf(hub, image.config));
  const repositories = ['alice/app', 'bob/copy'];
  const changed = { kind: 'blob-changed' as const, digest: image.layer, repositories };
  const missing = { kind: 'blob-missing' as const, digest: image.config, repositories };
  const byDigest = [changed, missing].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  expect(await check(hub, { isQuick: true })).toEqual([missing]);
  expect(await check(hub)).toEqual(byDigest);
  await check(hub, { isRepaired: true });
  // Until somebody pushes them, the images have holes.
  expect(await check(hub)).toMatchObject(Array.from({ length: 4 }, () => ({ kind: 'blob-unheld' })));
  const token = await hub.fullToken('alice', 'alice/app');
  const statusOf = async (method: string, digest: Digest): Promise<number> =>
    (await hub.send(method, `/v2/alice/app/blobs/${digest}`, { token })).status;
  for (const digest of [image.layer, image.config]) {
    expect([await statusOf('HEAD', digest), await statusOf('GET', digest)]).toEqual([404, 404]);
  }
  await hub.pushImage('alice', 'alice/app', 'latest');
  const got = await hub.send('GET', `/v2/alice/app/blobs/${image.layer}`, { token });
  expect(await got.text()).toBe('layer of latest');
  // The bytes are there again: bob's image is whole without his doing.
  await check(hub, { isRepaired: true });
  expect(await check(hub)).toEqual([]);
});

test('damaged garbage is found before a push is told that it is there', async () => {
  await using hub = await HubFixture.create('alice');
  const token = await hub.fullToken('alice', 'alice/app');
  const digest = await hub.pushBlob(token, 'alice/app', 'to be forgotten');
  await hub.send('DELETE', `/v2/alice/app/blobs/${digest}`, { token });
  const orphans: Digest[] = [];
  expect(await check(hub, { orphans })).toEqual([]);
  expect(orphans).toEqual([digest]);
  await flipByte(hub, digest);
  expect(await check(hub, { isRepaired: true })).toEqual([
    { kind: 'blob-changed', digest, repositories: [] },
  ]);
  expect(await check(hub)).toEqual([]);
});

test('rows that somebody changed are found, and made what manifests and bytes say', async () => {
  await using hub = await HubFixture.create('alice');
  const image = await hub.pushImage('alice', 'alice/app', 'latest');
  const repositories = ['alice/app'];
  await hub.query(sql`UPDATE repository_blobs SET size = 7 WHERE digest = ${image.layer}`);
  await hub.query(sql`DELETE FROM repository_blobs WHERE digest = ${image.config}`);
  await hub.query(sql`DELETE FROM manifest_references WHERE digest = ${image.layer}`);
  await hub.query(sql`UPDATE repository_totals SET tags = 5`);
  expect(await check(hub, { isRepaired: true })).toEqual([
    { kind: 'blob-size', digest: image.layer, repositories },
    { kind: 'manifest-references', digest: image.digest, repositories },
    { kind: 'blob-unheld', digest: image.config, repositories },
    { kind: 'totals', repositories },
  ]);
  expect(await check(hub)).toEqual([]);
});

test('a manifest that is not its digest, and an index without one of its images, cannot be repaired', async () => {
  await using hub = await HubFixture.create('alice');
  const image = await hub.pushImage('alice', 'alice/app', 'latest');
  const token = await hub.fullToken('alice', 'alice/app');
  const child = { mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.bytes.length };
  const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [child] });
  await hub.putManifest(token, 'alice/app', 'all', index, mediaTypes.ociIndex);
  await hub.query(sql`DELETE FROM manifests WHERE digest = ${image.digest}`);
  const missing = { kind: 'manifest-missing' as const, digest: image.digest, repositories: ['alice/app'] };
  expect(await check(hub, { isRepaired: true })).toEqual([missing]);
  const other = await hub.pushImage('alice', 'alice/other', 'latest', 'other');
  await hub.query(sql`UPDATE manifests SET bytes = ${Buffer.from('{}')} WHERE digest = ${other.digest}`);
  expect(await check(hub, { isRepaired: true })).toEqual([
    missing,
    { kind: 'manifest-changed', digest: other.digest, repositories: ['alice/other'] },
  ]);
});

test('pushes, deletes and collections that go on in the hub meanwhile are no problem', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cais-hub-fsck-'));
  const hub = await startHubProcess(directory, '0s', '1s');
  try {
    const client = await ImageClient.signUp(hub.url, 'alice');
    const repositories = ['alice/a', 'alice/b'];
    const state = { pushed: 0, isOver: false };
    const pushAndDelete = async (repository: string): Promise<void> => {
      while (!state.isOver) {
        state.pushed += 1;
        const number = state.pushed;
        const layer = new TextEncoder().encode(`layer ${number}`);
        const digest = await client.push(repository, `t${number}`, [layer]);
        if (digest && number % 3 > 0) await client.send(repository, 'DELETE', `manifests/${digest}`);
      }
    };
    const working = Promise.all(repositories.map(pushAndDelete));
    await using parts = await openHubParts(
      readHubConfig({ data: directory }, {}),
      createLog('hub', 'silent'),
    );
    for (let rounds = 0; rounds < 5 || state.pushed < 100; rounds++) {
      expect(await Array.fromAsync(fsck(parts, { isQuick: false }))).toEqual([]);
    }
    state.isOver = true;
    await working;
  } finally {
    await hub.kill();
    await rm(directory, { recursive: true });
  }
});
