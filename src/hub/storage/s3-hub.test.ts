/** A hub over an object store: pushes, pulls, garbage; and what clients see when the store answers errors, lies or breaks off. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { faults, type FaultyProxy, startFaultyProxy } from '../../../tests/support/faulty-proxy.ts';
import { type Swift, startSwift } from '../../../tests/support/swift.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { collectGarbage } from '../registry/collect-garbage.ts';
import { fsck } from '../keeping/fsck/fsck.ts';
import { codesOf, HubFixture } from '../testing/hub-fixture.ts';
import { S3Client } from './s3-client.ts';
import { readS3Config } from './s3-config.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(180_000);

const repository = 'alice/app';
/** Two parts and some. */
const large = new Uint8Array(17 * 1024 * 1024 + 5).map((_, index) => (index * 31 + (index >> 12)) & 0xff);

let swift: Swift;
let store: FaultyProxy;
let hub: HubFixture;
let token = '';
beforeAll(async () => {
  swift = await startSwift();
  store = startFaultyProxy(swift.endpoint);
  const settings = settingsOf('stream');
  await new S3Client(readS3Config(settings.CAIS_HUB_BLOBS, settings)).call('PUT', null);
  hub = await HubFixture.createWith({ settings }, 'alice');
  token = await hub.fullToken('alice', repository);
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await swift[Symbol.asyncDispose]();
});

function settingsOf(downloads: string) {
  return {
    CAIS_HUB_BLOBS: `s3://blobs/hub?endpoint=${store.url}&downloads=${downloads}`,
    AWS_ACCESS_KEY_ID: swift.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: swift.credentials.secretAccessKey,
  };
}

function push(bytes: Uint8Array<ArrayBuffer>): Promise<Response> {
  const path = `/v2/${repository}/blobs/uploads/?digest=${digestOf(bytes)}`;
  return hub.send('POST', path, { token, body: bytes });
}

function pull(bytes: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return hub.send('GET', `/v2/${repository}/blobs/${digestOf(bytes)}`, { token, headers });
}

const isPart = ({ method, url }: Request): boolean => method === 'PUT' && url.includes('partNumber=');
const isEnd = ({ method, url }: Request): boolean => method === 'POST' && url.includes('uploadId=');
const isBlob = ({ method, url }: Request): boolean => method === 'GET' && url.includes('/blobs/sha256/');

test('images are pushed and pulled, whole and in ranges', async () => {
  await hub.pushImage('alice', repository, 'latest');
  expect((await push(large)).status).toBe(201);
  expect(digestOf(await (await pull(large)).bytes())).toBe(digestOf(large));
  const part = await pull(large, { Range: 'bytes=10-12' });
  expect([part.status, await part.bytes()]).toEqual([206, large.slice(10, 13)]);
});

test('a store that refuses now and then, or whose answers are lost, is asked again', async () => {
  const bytes = large.slice(1);
  store.breakNext(isPart, faults.status(503), faults.status(500));
  store.breakNext(isEnd, faults.lostAnswer);
  expect((await push(bytes)).status).toBe(201);
  expect(digestOf(await (await pull(bytes)).bytes())).toBe(digestOf(bytes));
  expect(store.left).toBe(0);
});

test('a download that breaks off goes on where it was', async () => {
  expect((await push(large)).status).toBe(201);
  store.breakNext(isBlob, faults.status(503), faults.truncated, faults.truncated);
  expect(digestOf(await (await pull(large)).bytes())).toBe(digestOf(large));
  expect(store.left).toBe(0);
});

test('a store that lies about a part is found out, and the next push works', async () => {
  const bytes = large.slice(2);
  store.breakNext(isPart, faults.wrongEtag);
  const refused = await push(bytes);
  expect([refused.status, await codesOf(refused)]).toEqual([503, ['UNAVAILABLE']]);
  expect((await pull(bytes)).status).toBe(404);
  expect((await push(bytes)).status).toBe(201);
});

test('a store without room is said to be full, at once', async () => {
  store.breakNext(
    ({ method }) => method === 'PUT',
    () => new Response(null, { status: 507 }),
  );
  const refused = await push(large.slice(0, 100));
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('no space left')]);
});

test('a store that does not answer is told by /readyz', async () => {
  await eventually(async () => expect((await hub.send('GET', '/readyz')).status).toBe(200));
  const isProbe = ({ url }: Request): boolean => url.endsWith('/ready');
  store.breakNext(isProbe, faults.status(503));
  await eventually(async () => {
    const answer = await hub.send('GET', '/readyz');
    expect([answer.status, await answer.text()]).toEqual([
      503,
      'not ready: the blob store refused: try again later\n',
    ]);
  });
  await eventually(async () => expect((await hub.send('GET', '/readyz')).status).toBe(200));
});

test('a bucket that is not there is told by /readyz, and used once it is', async () => {
  const settings = { ...settingsOf('stream'), CAIS_HUB_BLOBS: `s3://later/hub?endpoint=${store.url}` };
  await using early = await HubFixture.createWith({ settings }, 'alice');
  const path = `/v2/${repository}/blobs/uploads/?digest=${digestOf(large.slice(0, 100))}`;
  const send = async (): Promise<Response> =>
    early.send('POST', path, {
      token: await early.fullToken('alice', repository),
      body: large.slice(0, 100),
    });
  const why = 'the blob store has no such bucket: its operator has to make it';
  const answer = await early.send('GET', '/readyz');
  expect([answer.status, await answer.text()]).toEqual([503, `not ready: ${why}\n`]);
  const refused = await send();
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining(why)]);
  await new S3Client(readS3Config(settings.CAIS_HUB_BLOBS, settings)).call('PUT', null);
  await eventually(async () => expect((await early.send('GET', '/readyz')).status).toBe(200));
  expect((await send()).status).toBe(201);
});

test('garbage goes, what is used stays whole', async () => {
  await using parts = await hub.openParts();
  const options = { before: new Date(Date.now() + 60_000), untagged: false, dryRun: false };
  expect((await collectGarbage(parts, options)).blobs).toBeGreaterThan(1);
  expect(await Array.fromAsync(fsck(parts, { isQuick: false }))).toEqual([]);
  expect(await Array.fromAsync(parts.contents.list())).toHaveLength(2);
});

test('what is sent again while the store removes it is not taken for there; and nobody waits for the store', async () => {
  const bytes = large.slice(0, 1000);
  expect((await push(bytes)).status).toBe(201);
  const isOf = (method: string) => (request: Request) =>
    request.method === method && request.url.includes(digestOf(bytes).slice('sha256:'.length));
  let again: Promise<Response> | undefined;
  const isThere = Promise.withResolvers<void>();
  store.breakNext(isOf('DELETE'), async (_, forward) => {
    store.breakNext(isOf('PUT'), async (__, put) => {
      const answer = await put();
      isThere.resolve();
      return answer;
    });
    again = push(bytes);
    await isThere.promise;
    // Whoever writes goes on meanwhile.
    await hub.pushImage('alice', 'alice/other', 'latest');
    return forward();
  });
  await using parts = await hub.openParts();
  const options = { before: new Date(Date.now() + 60_000), untagged: false, dryRun: false };
  expect((await collectGarbage(parts, options)).blobs).toBe(1);
  const refused = await again;
  expect([refused?.status, await refused?.text()]).toEqual([503, expect.stringContaining('send it again')]);
  expect((await pull(bytes)).status).toBe(404);
  expect((await push(bytes)).status).toBe(201);
  expect((await pull(bytes)).status).toBe(200);
});

test('with redirects clients get blobs from the store', async () => {
  await using direct = await HubFixture.createWith({ settings: settingsOf('redirect') }, 'alice');
  const image = await direct.pushImage('alice', repository, 'latest');
  const key = await direct.fullToken('alice', repository);
  const answer = await direct.send('GET', `/v2/${repository}/blobs/${image.layer}`, { token: key });
  expect(answer.status).toBe(307);
  expect(await (await fetch(answer.headers.get('Location') ?? '')).text()).toBe('layer of latest');
});
