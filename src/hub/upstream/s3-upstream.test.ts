/** The pull-through cache over an object store, which gives nothing of a blob before all of it is there. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { faults, type FaultyProxy, startFaultyProxy } from '../../../tests/support/faulty-proxy.ts';
import {
  forBlob,
  type HubWithUpstream,
  startHubWithUpstream,
} from '../../../tests/support/hub-with-upstream.ts';
import { startTestStore, storedBy, type TestStore } from '../../../tests/support/test-store.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { sweepUploads } from '../registry/upload-session.ts';
import { CacheKeeper } from './cache-keeper.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(180_000);

const path = 'library/debian';
const partSize = 8 * 1024 * 1024;
/** Two parts and some. */
const size = 2 * partSize + 5;

let swift: TestStore;
let store: FaultyProxy;
let settings: Readonly<Record<string, string>>;
beforeAll(async () => {
  swift = await startTestStore();
  store = startFaultyProxy(swift.endpoint);
  settings = { ...swift.settings, AWS_ENDPOINT_URL: store.url };
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await swift[Symbol.asyncDispose]();
});

interface HubOverStore extends HubWithUpstream {
  /** Of its blobs, and of what is on its way: names of objects, and of uploads in parts. */
  stored(): Promise<readonly string[]>;
}

/** Each with a place of its own in the bucket. */
async function start(downloads: 'stream' | 'redirect' = 'stream'): Promise<HubOverStore> {
  const own = { ...settings, CAIS_HUB_BLOBS: `s3://blobs/${crypto.randomUUID()}?downloads=${downloads}` };
  return { ...(await startHubWithUpstream(own, 'root1')), stored: () => storedBy(own) };
}

/** Different for each test. */
let blobs = 0;
function newBlob(length = size): Uint8Array<ArrayBuffer> {
  blobs += 1;
  return new Uint8Array(length).map((_, index) => (index * 31 + (index >> 12) + blobs) & 0xff);
}

function nameOf(digest: Digest): string {
  return `blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}`;
}

/** All but the last bytes of the blob, and those when it is said. */
function sentInTwo(bytes: Uint8Array<ArrayBuffer>, rest: Promise<Uint8Array<ArrayBuffer>>): Response {
  return new Response(
    new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(bytes.slice(0, -5));
        try {
          controller.enqueue(await rest);
          controller.close();
        } catch (error) {
          controller.error(error);
        }
      },
    }),
  );
}

test('a client is given what has come of a blob while nothing of it is in the store', async () => {
  await using setting = await start();
  const bytes = newBlob();
  const digest = setting.upstream.addBlob(path, bytes);
  const rest = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  setting.upstream.intercept = forBlob(path, digest, () => sentInTwo(bytes, rest.promise));
  const answer = await setting.get(`${path}/blobs/${digest}`);
  const reader = (answer.body ?? expect.unreachable('no body')).getReader();
  const received: Uint8Array[] = [];
  let length = 0;
  while (length < partSize) {
    const { value = expect.unreachable('it has ended') } = await reader.read();
    received.push(value);
    length += value.byteLength;
  }
  expect(await setting.stored()).not.toContain(nameOf(digest));
  rest.resolve(bytes.slice(-5));
  for (let next = await reader.read(); !next.done; next = await reader.read()) received.push(next.value);
  expect(digestOf(Buffer.concat(received))).toBe(digest);
  await eventually(async () => expect(await setting.stored()).toEqual([nameOf(digest)]));
  await eventually(async () => expect(await setting.held()).toEqual([digest]));
  const asked = setting.upstream.requests.length;
  expect(digestOf(await setting.blob(path, digest))).toBe(digest);
  expect(setting.upstream.requests.length).toBe(asked);
});

test.each<[string, (bytes: Uint8Array<ArrayBuffer>) => Response]>([
  ['lies', (bytes) => new Response(bytes.with(7, (bytes[7] ?? 0) ^ 1))],
  ['sends too much', (bytes) => new Response(Buffer.concat([bytes, bytes]))],
  [
    'breaks off for good',
    (bytes) =>
      sentInTwo(
        bytes,
        Bun.sleep(10).then(() => Promise.reject(new Error('cut off by the test'))),
      ),
  ],
])('of an upstream that %s nothing is left in the store', async (_what, answer) => {
  await using setting = await start();
  const bytes = newBlob();
  const digest = setting.upstream.addBlob(path, bytes);
  let isSent = false;
  setting.upstream.intercept = forBlob(path, digest, () => {
    if (isSent) return new Response(null, { status: 502 });
    isSent = true;
    return answer(bytes);
  });
  const refused = await setting.get(`${path}/blobs/${digest}`);
  expect(refused.status).toBe(200);
  await expect(refused.bytes()).rejects.toThrow();
  await eventually(async () => expect(await setting.stored()).toEqual([]));
  expect(await setting.held()).toEqual([]);
  setting.upstream.intercept = () => undefined;
  expect(digestOf(await setting.blob(path, digest))).toBe(digest);
});

test('a hub that ends in the middle of a blob leaves nothing in the store', async () => {
  const setting = await start();
  const bytes = newBlob();
  const digest = setting.upstream.addBlob(path, bytes);
  const never = new Promise<Uint8Array<ArrayBuffer>>(() => undefined);
  setting.upstream.intercept = forBlob(path, digest, () => sentInTwo(bytes, never));
  const answer = await setting.get(`${path}/blobs/${digest}`);
  await eventually(async () => expect(await setting.stored()).not.toEqual([]));
  await setting[Symbol.asyncDispose]();
  await expect(answer.bytes()).rejects.toThrow();
  expect(await setting.stored()).toEqual([]);
});

test('a store that does not take a blob: clients are not given its end, the next who asks is; leavings are swept', async () => {
  await using setting = await start();
  const bytes = newBlob();
  const digest = setting.upstream.addBlob(path, bytes);
  const isPut = ({ method, url }: Request): boolean => method === 'PUT' && url.includes('partNumber=');
  store.breakSometimes((request) => (isPut(request) ? faults.status(500) : undefined));
  const refused = await setting.get(`${path}/blobs/${digest}`);
  await expect(refused.bytes()).rejects.toThrow();
  store.breakSometimes(() => undefined);
  expect(digestOf(await setting.blob(path, digest))).toBe(digest);
  await eventually(async () => expect(await setting.held()).toEqual([digest]));
  await using parts = await setting.hub.openParts();
  await sweepUploads(parts, new Date(Date.now() + 60_000));
  expect(await setting.stored()).toEqual([nameOf(digest)]);
});

test('what the cache gives up is gone from the store', async () => {
  await using setting = await start();
  const digests = [newBlob(100), newBlob()].map((bytes) => setting.upstream.addBlob(path, bytes));
  for (const digest of digests) await setting.blob(path, digest);
  await eventually(async () => expect(await setting.held()).toEqual(digests.toSorted()));
  expect(await setting.stored()).toEqual(digests.map(nameOf).toSorted());
  await using parts = await setting.hub.openParts();
  const removed = await new CacheKeeper(parts).shrink(0, new Date(Date.now() + 60_000));
  expect(removed).toMatchObject({ blobs: 2, bytes: size + 100 });
  expect(await setting.stored()).toEqual([]);
  for (const digest of digests) expect(digestOf(await setting.blob(path, digest))).toBe(digest);
});

test('with redirects the first client is given a blob by the hub, and those after it by the store', async () => {
  await using setting = await start('redirect');
  const bytes = newBlob();
  const digest = setting.upstream.addBlob(path, bytes);
  expect(digestOf(await setting.blob(path, digest))).toBe(digest);
  await eventually(async () => expect(await setting.held()).toEqual([digest]));
  const answer = await setting.get(`${path}/blobs/${digest}`);
  expect(answer.status).toBe(307);
  const address = answer.headers.get('Location') ?? '';
  expect(digestOf(await (await fetch(address)).bytes())).toBe(digest);
  const part = await fetch(address, { headers: { Range: 'bytes=10-12' } });
  expect([part.status, await part.bytes()]).toEqual([206, bytes.slice(10, 13)]);
});
