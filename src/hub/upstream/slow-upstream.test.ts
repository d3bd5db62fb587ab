/** An upstream registry that takes its time: nobody waits for ever, and nobody waits for another client. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { FakeRegistry } from '../../../tests/support/fake-registry.ts';
import { createLog } from '../../lib/log.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { parseRepositoryPath } from '../repositories/repository-path.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { forBlob, largeBlob, startHubWithUpstream } from '../../../tests/support/hub-with-upstream.ts';
import { testHubConfig } from '../testing/test-hub-config.ts';
import type { Patience } from './patience.ts';
import { UpstreamCache } from './upstream-cache.ts';
import type { UpstreamPlace } from './upstreams.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const path = 'library/debian';

/** The cache by itself, with little patience. */
async function openCache(
  upstream: FakeRegistry,
  patience: Patience,
  settings: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable & { readonly cache: UpstreamCache; readonly place: UpstreamPlace }> {
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(await HubFixture.create());
  const parts = stack.use(await hub.openParts());
  const config = testHubConfig({}, { CAIS_HUB_UPSTREAM: `http://${upstream.host}`, ...settings }).upstream;
  const log = createLog('hub', 'silent');
  const cache = stack.use(new UpstreamCache(parts, config, hub.directory, log, patience));
  const place = await cache.upstreams.find(parseRepositoryPath('library', 'debian'));
  const opened = stack.move();
  return {
    cache,
    place: place ?? expect.unreachable('no place'),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function* bodyOf({ body }: Response): AsyncGenerator<Uint8Array, void, undefined> {
  yield* body ?? [];
}

describe('an upstream that is slow', () => {
  const impatient: Patience = { first: 300, whole: 600, stall: 2000, away: 600_000, turn: 60_000 };

  test('to answer is taken for away, and the next who ask are told at once', async () => {
    await using upstream = new FakeRegistry();
    await using opened = await openCache(upstream, impatient);
    const { place } = opened;
    upstream.intercept = () => new Promise(() => undefined);
    await expect(opened.cache.manifests.get(place, { tag: 'latest' })).rejects.toThrow('cannot be reached');
    const asked = upstream.requests.length;
    await expect(opened.cache.manifests.get(place, { tag: 'other' })).rejects.toThrow('cannot be reached');
    expect(upstream.requests.length).toBe(asked);
  });

  test('and falls silent in a blob is asked for the rest', async () => {
    await using upstream = new FakeRegistry();
    await using opened = await openCache(upstream, { ...impatient, first: 60_000, whole: 60_000 });
    const { place } = opened;
    const digest = upstream.addBlob(path, largeBlob);
    upstream.intercept = forBlob(path, digest, (request) =>
      request.headers.has('Range')
        ? undefined
        : new Response(
            new ReadableStream({ start: (controller) => controller.enqueue(largeBlob.slice(0, 150_000)) }),
          ),
    );
    const { growing } = await opened.cache.blobs.get(place, digest);
    const body = new Response(growing?.stream(0, largeBlob.length));
    expect(digestOf(await body.bytes())).toBe(digest);
  });

  test('serves all who wait with one fetch; the first one may leave, and who comes late reads along', async () => {
    await using setting = await startHubWithUpstream();
    const digest = setting.upstream.addBlob(path, largeBlob);
    const more = Promise.withResolvers<void>();
    setting.upstream.intercept = forBlob(
      path,
      digest,
      () =>
        new Response(
          new ReadableStream({
            async start(controller) {
              controller.enqueue(largeBlob.slice(0, 150_000));
              await more.promise;
              controller.enqueue(largeBlob.slice(150_000));
              controller.close();
            },
          }),
        ),
    );
    const address = `${path}/blobs/${digest}`;
    for await (const _first of bodyOf(await setting.get(address))) break;
    const late = bodyOf(await setting.get(address));
    const begun = (await late.next()).value;
    expect(begun).toEqual(largeBlob.slice(0, begun?.byteLength));
    const others = await Promise.all(Array.from({ length: 10 }, () => setting.get(address)));
    more.resolve();
    for (const other of others) expect(digestOf(await other.bytes())).toBe(digest);
    const rest = await Array.fromAsync(late);
    expect(digestOf(Buffer.concat([begun ?? new Uint8Array(), ...rest]))).toBe(digest);
    expect(setting.upstream.count(`GET /v2/${path}/blobs/`)).toBe(1);
  });

  test('clients hold up nobody: the fetch ends while one of them reads nothing', async () => {
    await using setting = await startHubWithUpstream();
    const digest = setting.upstream.addBlob(path, Buffer.concat(Array.from({ length: 20 }, () => largeBlob)));
    const lazy = await setting.get(`${path}/blobs/${digest}`);
    await eventually(async () => expect(await setting.held()).toEqual([digest]));
    expect(digestOf(await lazy.bytes())).toBe(digest);
  });

  test('is asked for so many blobs at once: others wait in their order, and not for ever', async () => {
    await using upstream = new FakeRegistry();
    const patience: Patience = { first: 60_000, whole: 60_000, stall: 60_000, away: 0, turn: 1500 };
    await using opened = await openCache(upstream, patience, { CAIS_HUB_UPSTREAM_TRANSFERS: '2' });
    const { cache, place } = opened;
    const digests = Array.from({ length: 5 }, (_, index) => upstream.addBlob(path, largeBlob.with(0, index)));
    const ends = digests.map(() => Promise.withResolvers<void>());
    const asked: number[] = [];
    upstream.intercept = async (_request, line) => {
      const index = digests.findIndex((digest) => line === `GET /v2/${path}/blobs/${digest}`);
      if (index === -1) return undefined;
      asked.push(index);
      await ends[index]?.promise;
      return undefined;
    };
    const get = async (index: number): Promise<number> => {
      const digest = digests[index] ?? expect.unreachable();
      const { size, growing } = await cache.blobs.get(place, digest);
      await growing?.ended;
      return size;
    };
    const { transfers } = place.upstream;
    const found: Promise<number>[] = [];
    for (const index of [0, 1, 2, 3]) {
      found.push(get(index));
      await eventually(() => expect(transfers.counts.running + transfers.counts.waiting).toBe(index + 1));
    }
    await eventually(() => expect(asked).toEqual([0, 1]));
    ends[1]?.resolve();
    ends[2]?.resolve();
    expect(await Promise.all(found.slice(1, 3))).toEqual([largeBlob.length, largeBlob.length]);
    await eventually(() => expect(asked).toEqual([0, 1, 2, 3]));
    expect(transfers.counts).toEqual({ running: 2, waiting: 0 });
    await expect(get(4)).rejects.toThrow('try again later');
    expect(asked).toEqual([0, 1, 2, 3]);
    ends[0]?.resolve();
    ends[3]?.resolve();
    await Promise.all(found);
    ends[4]?.resolve();
    expect(await get(4)).toBe(largeBlob.length);
    expect(transfers.counts).toEqual({ running: 0, waiting: 0 });
  });
});
