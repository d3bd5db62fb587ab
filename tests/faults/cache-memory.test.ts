/**
 * A blob of a gigabyte through the pull-through cache: hub, cache and clients are processes of their own. Whatever its size, and
 * however slowly some of them read, the cache holds buffers and no blob.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, readlink, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Digest, digestOf, parseDigest } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { run } from '../../src/lib/subprocess.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, tokenFor } from '../support/hub-account.ts';
import { forgetPeak, peakOf } from '../support/peak-memory.ts';
import { type RunningHub, startHub } from '../support/running-hub.ts';
import { startTestStore } from '../support/test-store.ts';

setDefaultTimeout(600_000);

const mebibyte = 2 ** 20;
const password = 'sail-to-the-quay-9';
const repository = 'alice/large';

let directory: string;
let upstream: RunningHub;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-cache-memory-'));
  upstream = await startHub();
  await signUp(upstream.url, 'alice', password);
});
afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** Runs a line of the shell with these variables. @returns what it wrote. */
async function sh(line: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { exitCode, stdout, stderr } = await run(['sh', '-c', line], { env: { ...process.env, ...env } });
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout.trim();
}

/** Has an image at the hub upstream whose one layer is a sparse file of so many bytes. @returns the layer's digest. */
async function pushSparse(size: number): Promise<Digest> {
  const file = join(directory, 'sparse');
  await writeFile(file, '');
  await truncate(file, size);
  const layer = parseDigest(`sha256:${(await sh('sha256sum < "$FILE"', { FILE: file })).split(' ')[0]}`);
  const token = await tokenFor(upstream.url, 'alice', password, `repository:${repository}:pull,push`);
  const put = async (method: string, path: string, body: BodyInit, type: string): Promise<void> => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': type };
    const answer = await fetch(`${upstream.url}/v2/${repository}/${path}`, { method, headers, body });
    expect([path, answer.status]).toEqual([path, 201]);
  };
  const pushBlob = (digest: Digest, body: BodyInit): Promise<void> =>
    put('POST', `blobs/uploads/?digest=${digest}`, body, 'application/octet-stream');
  await pushBlob(layer, Bun.file(file));
  await pushBlob(digestOf('{}'), '{}');
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: digestOf('{}'), size: 2 },
    layers: [{ mediaType: mediaTypes.ociLayer, digest: layer, size }],
  };
  await put('PUT', 'manifests/latest', JSON.stringify(manifest), mediaTypes.ociManifest);
  return layer;
}

async function anonymousToken(hub: RunningHub): Promise<string> {
  const answer = await fetch(`${hub.url}/token?scope=repository:${repository}:pull`);
  return ((await answer.json()) as { token: string }).token;
}

/** Files that the process has open in the place of blobs, and those that have no name any more. */
async function openBlobsOf({ pid }: RunningHub): Promise<readonly string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(
    descriptors.map((each) => readlink(`/proc/${pid}/fd/${each}`).catch(() => '')),
  );
  return targets.filter((target) => /\/hub\/(?:blobs|ingest|growing)/.test(target));
}

/**
 * One client reads as fast as it can, four others a megabyte in a second until each has 12 MB, and leave.
 * @returns by how much the cache's memory grew meanwhile, in bytes.
 */
async function growthOf(cache: RunningHub, digest: Digest): Promise<number> {
  const url = `${cache.url}/v2/${repository}/blobs/${digest}`;
  const env = { TOKEN: await anonymousToken(cache), URL: url };
  await forgetPeak(cache.pid);
  const before = await peakOf(cache.pid);
  const slow = [1, 2, 3, 4].map((number) => {
    const file = join(directory, `slow-${number}`);
    const argv = ['curl', '-sS', '--limit-rate', '1M', '-H', `Authorization: Bearer ${env.TOKEN}`, url];
    return { file, child: Bun.spawn(argv, { stdio: ['ignore', Bun.file(file), 'inherit'] }) };
  });
  const received = await sh('curl -sSf -H "Authorization: Bearer $TOKEN" "$URL" | sha256sum', env);
  expect(`sha256:${received.replace(/ .*/, '')}`).toBe(digest);
  for (const { file, child } of slow) {
    await eventually(async () => expect((await stat(file)).size).toBeGreaterThan(12 * mebibyte));
    expect(child.exitCode).toBeNull();
    child.kill();
    await child.exited;
  }
  await eventually(async () => expect(await openBlobsOf(cache)).toEqual([]));
  return (await peakOf(cache.pid)) - before;
}

/** In bytes: by how much the cache may grow, a quarter of the blob. Without a store it takes some 70 MB, over one some 170 MB. */
const bound = 256 * mebibyte;

test('a blob of 1 GB grows the cache by no more than buffers, the first time and out of the cache', async () => {
  const digest = await pushSparse(1024 * mebibyte);
  await using cache = await startHub({ CAIS_HUB_UPSTREAM: upstream.url });
  expect(await growthOf(cache, digest)).toBeLessThan(bound);
  expect(await growthOf(cache, digest)).toBeLessThan(bound);
});

test('and so it is over an object store', async () => {
  const digest = await pushSparse(1024 * mebibyte);
  await using store = await startTestStore();
  const settings = { ...store.settings, CAIS_HUB_BLOBS: 's3://blobs/cache?downloads=stream' };
  await using cache = await startHub({ ...settings, CAIS_HUB_UPSTREAM: upstream.url });
  expect(await growthOf(cache, digest)).toBeLessThan(bound);
  expect(await growthOf(cache, digest)).toBeLessThan(bound);
});
