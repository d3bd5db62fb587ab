/**
 * An object store that falls silent, breaks off, refuses for a while, or does what it was asked when nobody waits for it any more:
 * every request to the hub ends soon, in the right bytes or in a 503; uploads go on; nothing is left in the store.
 */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { faults, type FaultyProxy, startFaultyProxy } from '../../../tests/support/faulty-proxy.ts';
import { type Swift, startSwift } from '../../../tests/support/swift.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { fsck } from '../keeping/fsck/fsck.ts';
import { collectGarbage } from '../registry/collect-garbage.ts';
import { sweepUploads } from '../registry/upload-session.ts';
import { codesOf, HubFixture } from '../testing/hub-fixture.ts';
import { S3Client } from './s3-client.ts';
import { readS3Config } from './s3-config.ts';
import { listObjects, listUploads } from './s3-objects.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(180_000);

const repository = 'alice/app';
/** A part and some, different for each test. */
const size = 9 * 1024 * 1024 + 5;
let tests = 0;
let large = new Uint8Array();
/** In milliseconds: of three attempts that a silent store is given, the last for a whole part. */
const soon = 20_000;

let swift: Swift;
let store: FaultyProxy;
let hub: HubFixture;
let token = '';
beforeAll(async () => {
  swift = await startSwift();
  store = startFaultyProxy(swift.endpoint);
  await client().call('PUT', null);
  hub = await HubFixture.createWith({ settings: settings() }, 'alice');
  token = await hub.fullToken('alice', repository);
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await swift[Symbol.asyncDispose]();
});
beforeEach(() => {
  store.breakSometimes(() => undefined);
  tests += 1;
  large = new Uint8Array(size).map((_, index) => (index * 31 + (index >> 12) + tests) & 0xff);
});

function settings() {
  return {
    CAIS_HUB_BLOBS: `s3://blobs/hub?endpoint=${store.url}&downloads=stream&timeout=2s`,
    AWS_ACCESS_KEY_ID: swift.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: swift.credentials.secretAccessKey,
  };
}

function client(): S3Client {
  return new S3Client(readS3Config(settings().CAIS_HUB_BLOBS, settings()));
}

function push(bytes: Uint8Array<ArrayBuffer>): Promise<Response> {
  const path = `/v2/${repository}/blobs/uploads/?digest=${digestOf(bytes)}`;
  return hub.send('POST', path, { token, body: bytes });
}

function pull(bytes: Uint8Array): Promise<Response> {
  return hub.send('GET', `/v2/${repository}/blobs/${digestOf(bytes)}`, { token });
}

async function expectUnavailable(answer: Response): Promise<void> {
  expect([answer.status, answer.headers.has('Retry-After'), await codesOf(answer)]).toEqual([
    503,
    true,
    ['UNAVAILABLE'],
  ]);
}

async function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  expect(performance.now() - begun).toBeLessThan(milliseconds);
  return result;
}

const isPart = ({ method, url }: Request): boolean => method === 'PUT' && url.includes('partNumber=');
/** Which has less to send: it is given up sooner. */
const isLastPart = (request: Request): boolean => isPart(request) && request.url.includes('partNumber=2');
const isBlob = ({ method, url }: Request): boolean => method === 'GET' && url.includes('/blobs/sha256/');
const isState = ({ method, url }: Request): boolean => method === 'GET' && url.endsWith('/state');
const isRemoval = ({ method, url }: Request): boolean =>
  method === 'DELETE' && url.includes('/blobs/sha256/');

test('a request that is not answered, or whose answer stops, is sent again', async () => {
  store.breakNext(isLastPart, faults.silent, faults.stalled);
  expect((await push(large)).status).toBe(201);
  store.breakNext(isBlob, faults.silent, faults.stalled, faults.reset);
  expect(digestOf(await (await pull(large)).bytes())).toBe(digestOf(large));
  expect(store.left).toBe(0);
});

test('while the store is silent every request ends in 503, and uploads go on after it', async () => {
  expect((await push(large)).status).toBe(201);
  const begun = await hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token });
  let path = begun.headers.get('Location') ?? '';
  const bytes = large.map((byte) => byte ^ 0xff);
  const half = bytes.slice(0, 9_000_000);
  expect((await hub.send('PATCH', path, { token, body: half })).status).toBe(202);

  store.breakSometimes(() => faults.silent);
  const tries = [
    () => pull(large),
    () => push(large),
    () => push(large.slice(0, 10)),
    () => hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token }),
    () => hub.send('GET', path, { token }),
    () => hub.send('PATCH', path, { token, body: bytes.slice(half.length) }),
    () => hub.send('DELETE', path, { token }),
  ];
  await Promise.all(tries.map(async (work) => expectUnavailable(await within(soon, work))));
  store.breakSometimes(() => undefined);

  const stands = await hub.send('GET', path, { token });
  expect([stands.status, stands.headers.get('Range')]).toEqual([204, `0-${half.length - 1}`]);
  path = stands.headers.get('Location') ?? '';
  const end = await hub.send('PUT', `${path}?digest=${digestOf(bytes)}`, {
    token,
    body: bytes.slice(half.length),
  });
  expect(end.status).toBe(201);
  expect(digestOf(await (await pull(bytes)).bytes())).toBe(digestOf(bytes));
});

test('a store that refuses for some seconds is waited for', async () => {
  const until = Date.now() + 3000;
  let refused = 0;
  store.breakSometimes(() => {
    if (Date.now() > until) return undefined;
    refused += 1;
    return faults.status(refused % 2 === 0 ? 503 : 500);
  });
  expect((await push(large)).status).toBe(201);
  expect(digestOf(await (await pull(large)).bytes())).toBe(digestOf(large));
  expect(refused).toBeGreaterThan(2);
});

test('a client that leaves a download which the store has stopped is waited for by nobody', async () => {
  expect((await push(large)).status).toBe(201);
  const isLeft = Promise.withResolvers<void>();
  store.breakNext(isBlob, async (request, forward) => {
    request.signal.addEventListener('abort', () => isLeft.resolve());
    return await faults.stalled(request, forward);
  });
  const reader = (await pull(large)).body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  void reader?.read().catch(() => undefined);
  await within(1500, async () => {
    await reader?.cancel();
    await isLeft.promise;
  });
});

test('a part that arrives twice, the second time late, is in the blob once', async () => {
  store.breakNext(isPart, faults.slow(6500));
  const begun = await hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token });
  const path = begun.headers.get('Location') ?? '';
  expect((await hub.send('PATCH', path, { token, body: large })).status).toBe(202);
  await eventually(() => expect(store.busy).toBe(0));
  expect((await hub.send('PUT', `${path}?digest=${digestOf(large)}`, { token })).status).toBe(201);
  expect(digestOf(await (await pull(large)).bytes())).toBe(digestOf(large));
});

test('a state of an upload that arrives in half is not taken for one', async () => {
  const begun = await hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token });
  const path = begun.headers.get('Location') ?? '';
  const bytes = large.slice(0, 4_000_000);
  expect((await hub.send('PATCH', path, { token, body: bytes })).status).toBe(202);
  store.breakNext(isState, faults.truncated);
  const end = (): Promise<Response> => hub.send('PUT', `${path}?digest=${digestOf(bytes)}`, { token });
  await expectUnavailable(await end());
  expect((await end()).status).toBe(201);
});

test('bytes that look like what the store answers are bytes', async () => {
  const begun = await hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token });
  const path = begun.headers.get('Location') ?? '';
  const bytes = new TextEncoder().encode('<Error><Code>SlowDown</Code></Error>');
  expect((await hub.send('PATCH', path, { token, body: bytes })).status).toBe(202);
  const end = await hub.send('PUT', `${path}?digest=${digestOf(bytes)}`, { token });
  expect(end.status).toBe(201);
});

test('a removal that the store does late never takes what was pushed meanwhile', async () => {
  const bytes = large.slice(0, 1000);
  expect((await push(bytes)).status).toBe(201);
  const isAnswered = Promise.withResolvers<unknown>();
  const isDone = Promise.withResolvers<void>();
  store.breakNext(isRemoval, async (_request, forward) => {
    await isAnswered.promise;
    const answer = await forward();
    isDone.resolve();
    return answer;
  });
  await using parts = await hub.openParts();
  const options = { before: new Date(Date.now() + 60_000), untagged: false, dryRun: false };
  // Which the store gives no answer to: the others go.
  await collectGarbage(parts, options);
  const again = push(bytes);
  // Or waits for the removal to end.
  isAnswered.resolve(Promise.race([again, Bun.sleep(5000)]));
  await isDone.promise;
  const answer = await again;
  if (answer.status === 201) expect((await pull(bytes)).status).toBe(200);
  else await expectUnavailable(answer);
  expect(await Array.fromAsync(fsck(parts, { isQuick: false }))).toEqual([]);
});

test('a busy store keeps no collection from the rest', async () => {
  const kept = [1, 2, 3].map((start) => large.slice(start, 1000));
  for (const bytes of kept) expect((await push(bytes)).status).toBe(201);
  store.breakNext(isRemoval, faults.status(503));
  await using parts = await hub.openParts();
  const options = { before: new Date(Date.now() + 60_000), untagged: false, dryRun: false };
  expect((await collectGarbage(parts, options)).blobs).toBeGreaterThanOrEqual(2);
  expect((await collectGarbage(parts, options)).blobs).toBe(1);
});

test('whatever was given up leaves nothing in the store', async () => {
  await using parts = await hub.openParts();
  await sweepUploads(parts, new Date(Date.now() + 60_000));
  expect(await Array.fromAsync(listUploads(client(), ''))).toEqual([]);
  expect(await Array.fromAsync(listObjects(client(), 'uploads/'))).toEqual([]);
});
