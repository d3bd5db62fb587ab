/** Garbage: what goes, what stays, and for how long. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { startTwoCopies } from '../testing/two-copies.ts';
import { collectGarbage, type Collected } from './collect-garbage.ts';
import { linkBlob } from './link-blob.ts';
import { sweepUploads } from './upload-session.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const repository = 'alice/app';
const nothing: Collected = { manifests: 0, blobs: 0, bytes: 0 };

interface Options {
  /** In milliseconds from now; a grace period of none that lies in the future takes whatever it may. */
  readonly grace?: number;
  readonly untagged?: boolean;
  readonly dryRun?: boolean;
}

/** As the shell does it, beside the hub that serves. */
async function collect(hub: HubFixture, options: Options = {}): Promise<Collected> {
  const { grace = -1000, untagged = false, dryRun = false } = options;
  await using parts = await hub.openParts();
  return await collectGarbage(parts, { before: new Date(Date.now() - grace), untagged, dryRun });
}

async function blobFiles(hub: HubFixture): Promise<number> {
  const files = await readdir(join(hub.directory, 'hub/blobs'), { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile()).length;
}

async function statusOf(hub: HubFixture, path: string): Promise<number> {
  const token = await hub.fullToken('alice', repository);
  return (await hub.send('HEAD', `/v2/${repository}/${path}`, { token })).status;
}

describe('collecting garbage', () => {
  test('leaves an image alone, tagged or not', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', repository, 'latest', 'one');
    await hub.pushImage('alice', repository, 'latest', 'two');
    expect(await collect(hub)).toEqual(nothing);
    expect(await statusOf(hub, `manifests/${image.digest}`)).toBe(200);
    expect(await statusOf(hub, `blobs/${image.layer}`)).toBe(200);
    expect(await blobFiles(hub)).toBe(4);
  });

  test('takes the blobs of a deleted image, but not those that another shares', async () => {
    await using hub = await HubFixture.create('alice');
    const gone = await hub.pushImage('alice', repository, 'gone', 'same');
    await hub.pushImage('alice', 'alice/other', 'kept', 'same');
    const alone = await hub.pushImage('alice', repository, 'alone');
    const token = await hub.fullToken('alice', repository);
    for (const { digest } of [gone, alone]) {
      await hub.send('DELETE', `/v2/${repository}/manifests/${digest}`, { token });
    }
    const bytes = 'layer of alone'.length + (await sizeOf(hub, alone.config));
    const expected = { manifests: 0, blobs: 2, bytes };
    expect(await collect(hub, { dryRun: true })).toEqual(expected);
    expect(await blobFiles(hub)).toBe(4);
    expect(await collect(hub)).toEqual(expected);
    expect(await blobFiles(hub)).toBe(2);
    expect(await statusOf(hub, `blobs/${alone.layer}`)).toBe(404);
    expect(await collect(hub)).toEqual(nothing);
  });

  test('takes what a deleted repository held', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', repository, 'latest');
    await hub.send('DELETE', `/v2/repositories/${repository}/`, { token: await hub.session('alice') });
    expect(await collect(hub)).toMatchObject({ blobs: 2 });
    expect(await blobFiles(hub)).toBe(0);
  });

  test('waits for the grace period, which begins again when somebody asks, mounts or sends', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const digest = await hub.pushBlob(token, repository, 'no manifest yet');
    expect(await collect(hub, { grace: 60_000 })).toEqual(nothing);
    await Bun.sleep(1500);
    await hub.send('HEAD', `/v2/${repository}/blobs/${digest}`, { token });
    await collect(hub, { grace: 1200 });
    expect(await statusOf(hub, `blobs/${digest}`)).toBe(200);
    await Bun.sleep(1500);
    await hub.pushBlob(token, repository, 'no manifest yet');
    await collect(hub, { grace: 1200 });
    expect(await statusOf(hub, `blobs/${digest}`)).toBe(200);
    await Bun.sleep(1500);
    const other = await hub.fullToken('alice', 'alice/other');
    const mount = `/v2/alice/other/blobs/uploads/?mount=${digest}&from=${repository}`;
    expect((await hub.send('POST', mount, { token: other })).status).toBe(201);
    await collect(hub, { grace: 1200 });
    expect((await hub.send('GET', `/v2/alice/other/blobs/${digest}`, { token: other })).status).toBe(200);
    await Bun.sleep(1500);
    expect(await collect(hub, { grace: 1200 })).toMatchObject({ blobs: 1 });
  });

  test('gives the blobs of a deleted image that period from its deletion on', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', repository, 'latest');
    await Bun.sleep(300);
    const token = await hub.fullToken('alice', repository);
    expect(await statusOf(hub, `blobs/${image.layer}`)).toBe(200);
    await hub.send('DELETE', `/v2/${repository}/manifests/${image.digest}`, { token });
    await collect(hub, { grace: 200 });
    // What the client was told before still holds.
    expect((await hub.putManifest(token, repository, 'again', image.bytes)).status).toBe(201);
    await collect(hub);
    const layer = await hub.send('GET', `/v2/${repository}/blobs/${image.layer}`, { token });
    expect(await layer.text()).toBe('layer of latest');
  });

  test('takes untagged manifests when asked, but no child of an index and nothing that refers to what stays', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    const child = await hub.pushImage('alice', repository, 'child');
    const lone = await hub.pushImage('alice', repository, 'lone');
    const describe = ({ digest, bytes }: { digest: string; bytes: string }) => ({
      mediaType: mediaTypes.ociManifest,
      digest,
      size: bytes.length,
    });
    const index = (fields: object): string =>
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, ...fields });
    const list = index({ manifests: [describe(child)] });
    const signature = index({ manifests: [], subject: describe(child) });
    const stray = index({ manifests: [], subject: describe(lone) });
    await hub.putManifest(token, repository, 'list', list, mediaTypes.ociIndex);
    for (const bytes of [signature, stray]) {
      await hub.putManifest(token, repository, digestOf(bytes), bytes, mediaTypes.ociIndex);
    }
    for (const tag of ['child', 'lone']) {
      await hub.send('DELETE', `/v2/${repository}/manifests/${tag}`, { token });
    }
    expect(await collect(hub, { untagged: true, grace: 60_000 })).toEqual(nothing);
    // First the lone image, then what pointed at it.
    expect(await collect(hub, { untagged: true })).toMatchObject({ manifests: 2 });
    expect(await statusOf(hub, `manifests/${lone.digest}`)).toBe(404);
    expect(await statusOf(hub, `manifests/${digestOf(stray)}`)).toBe(404);
    for (const digest of [child.digest, digestOf(list), digestOf(signature)]) {
      expect(await statusOf(hub, `manifests/${digest}`)).toBe(200);
    }
    expect(await statusOf(hub, `blobs/${child.layer}`)).toBe(200);
  });

  test('forgets a first push that was given up, and bytes that a crash left without a repository', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', repository);
    await hub.pushBlob(token, repository, 'never more than this');
    {
      await using parts = await hub.openParts();
      const ingest = await parts.contents.ingest('crashed');
      await ingest.write(new TextEncoder().encode('committed, not linked'));
      await ingest.commit();
    }
    expect(await collect(hub)).toMatchObject({ blobs: 2 });
    await using parts = await hub.openParts();
    expect(
      await parts.repositories.find({ namespace: 'alice', name: 'app', path: repository }),
    ).toBeUndefined();
  });
});

test('bytes and their link come and go together, whoever is first', async () => {
  await using hub = await HubFixture.create('alice');
  const image = await hub.pushImage('alice', repository, 'latest');
  await using parts = await hub.openParts();
  // The collector listed the blob as unheld, and then somebody linked it.
  const late = await parts.garbage.whileUnheld(image.layer, () =>
    parts.contents.deleteOlder(image.layer, soon()),
  );
  expect(late).toBeUndefined();
  expect(await parts.contents.stat(image.layer)).toBeDefined();
  // The blob was committed, and then the collector came before its link.
  const key = await parts.repositories.find({ namespace: 'alice', name: 'app', path: repository });
  const gone = digestOf('collected in between');
  expect(await linkBlob(parts, key?.id ?? 0, { digest: gone, size: 20 })).toBe(false);
  expect(await parts.blobs.sizeOf(key?.id ?? 0, gone)).toBeUndefined();
});

function soon(): Date {
  return new Date(Date.now() + 1000);
}

test('uploads without a byte for a day are forgotten, those that go on are not', async () => {
  await using hub = await HubFixture.create('alice');
  const token = await hub.fullToken('alice', repository);
  const start = async (): Promise<string> => {
    const response = await hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token });
    return response.headers.get('Location') ?? '';
  };
  const [idle, active] = [await start(), await start()];
  await Bun.sleep(50);
  const before = new Date();
  await Bun.sleep(50);
  await hub.send('PATCH', active, { token, body: 'still coming' });
  {
    await using parts = await hub.openParts();
    await sweepUploads(parts, before);
  }
  expect((await hub.send('GET', idle, { token })).status).toBe(404);
  expect((await hub.send('GET', active, { token })).status).toBe(204);
  {
    await using parts = await hub.openParts();
    await sweepUploads(parts, new Date(Date.now() + 1000));
  }
  expect((await hub.send('GET', active, { token })).status).toBe(404);
  expect(await readdir(join(hub.directory, 'hub/ingest'))).toEqual([]);
});

async function sizeOf(hub: HubFixture, digest: string): Promise<number> {
  const token = await hub.fullToken('alice', repository);
  const head = await hub.send('HEAD', `/v2/${repository}/blobs/${digest}`, { token });
  return Number(head.headers.get('Content-Length'));
}

test('one copy of the hub collects at a time, whoever asks', async () => {
  await using copies = await startTwoCopies({}, 'root1');
  const { one, other } = copies;
  const token = await one.session('root1');
  await using parts = await one.openParts();
  const begin = (): Promise<Response> =>
    other.send('POST', '/v2/system/garbage', { token, body: { dry_run: false } });
  const refused = await parts.database.alone('garbage', begin);
  expect(refused?.status).toBe(409);
  await eventually(async () => expect((await begin()).status).toBe(202));
});
