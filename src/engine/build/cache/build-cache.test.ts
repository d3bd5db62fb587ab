/** What the cache keeps: results by key, layers from being collected, directories of cache mounts; and how it is pruned. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepEngine } from '../../../../tests/support/step-engine.ts';
import { digestOf } from '../../../oci/image/digest.ts';
import { adoptLayer, type AdoptedLayer } from '../../images/adopt-layer.ts';
import type { ImageLayer } from '../../images/image.ts';
import { removeImage } from '../../images/remove.ts';
import type { CacheMountRequest } from './cache-mounts.ts';
import { cacheUse, presentCache } from './cache-use.ts';
import { collectBuildCache, pruneCache, type PruneRequest } from './prune.ts';

setDefaultTimeout(60_000);

let engine: StepEngine;
beforeAll(async () => {
  engine = await StepEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

const noLimits = { reserved: 0, mostUsed: 0, leastFree: 0 };
const everything: PruneRequest = { all: true, limits: noLimits };

function base(): readonly ImageLayer[] {
  return engine.deps.images.resolve('busybox').layers;
}

/** A layer of one file on `below`, as COPY makes it. */
async function layerOn(below: readonly ImageLayer[], name: string, content: string): Promise<AdoptedLayer> {
  const { snapshots, images } = engine.deps;
  const id = crypto.randomUUID();
  await snapshots.prepare(id, below.at(-1)?.chainId, { isTemporary: true });
  writeFileSync(join(await snapshots.mount(id), name), content);
  const layer = await adoptLayer(images, id);
  if (!layer) throw new TypeError('a file was written');
  return layer;
}

/** A record whose layer nobody else holds. */
async function record(
  name: string,
  below = base(),
  parent?: string,
): Promise<{ id: string; layers: ImageLayer[] }> {
  using layer = await layerOn(below, name, name.repeat(1000));
  const layers = [...below, layer];
  const id = engine.deps.buildCache.put(digestOf(name), {
    layers,
    hasLayer: true,
    kind: 'regular',
    description: `COPY ${name}`,
    parent,
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  return { id, layers };
}

async function blobs(): Promise<string[]> {
  const digests = await Array.fromAsync(engine.deps.images.contents.list(), ({ digest }) => digest);
  return digests.toSorted();
}

function mount(more: Partial<CacheMountRequest> = {}): Parameters<typeof engine.deps.cacheMounts.acquire>[0] {
  const signal = new AbortController().signal;
  return { id: '/cache', sharing: 'shared', uid: 0, gid: 0, mode: 0o755, from: '', signal, ...more };
}

describe('a result', () => {
  test('is found by its key, over a restart, and its uses are counted', async () => {
    const { id, layers } = await record('a');
    await engine.close();
    await engine.open();
    const { buildCache } = engine.deps;
    const found = buildCache.get(digestOf('a'));
    expect(found).toEqual({
      id,
      layers: layers.map(({ diffId, chainId, size }) => ({ diffId, chainId, size })),
      hasLayer: true,
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    expect(buildCache.get(digestOf('b'))).toBeUndefined();
    expect(buildCache.list().map(({ usageCount }) => usageCount)).toEqual([1]);
    expect(engine.deps.snapshots.hasLayer(layers.at(-1)?.chainId ?? digestOf(''))).toBe(true);
    await pruneCache(engine.deps, everything);
  });

  test('takes the place of the one before, whose layers go', async () => {
    const before = await record('same');
    using other = await layerOn(base(), 'other', 'x');
    const after = engine.deps.buildCache.put(digestOf('same'), {
      layers: [...base(), other],
      hasLayer: true,
      kind: 'regular',
      description: '',
      createdAt: new Date().toISOString(),
    });
    expect(after).toBe(before.id);
    await collectBuildCache(engine.deps);
    expect(engine.deps.snapshots.hasLayer(before.layers.at(-1)?.chainId ?? digestOf(''))).toBe(false);
    expect(engine.deps.snapshots.hasLayer(other.chainId)).toBe(true);
    other[Symbol.dispose]();
    await pruneCache(engine.deps, everything);
  });

  test('without a layer is one, too', () => {
    const key = digestOf('nothing');
    engine.deps.buildCache.put(key, {
      layers: base(),
      hasLayer: false,
      kind: 'regular',
      description: 'RUN true',
      createdAt: new Date().toISOString(),
    });
    expect(engine.deps.buildCache.get(key)).toMatchObject({ hasLayer: false });
    engine.deps.buildCache.delete(engine.deps.buildCache.idOf(key) ?? '');
  });
});

describe('layers', () => {
  test('stay when the image that they stand on is removed, and go with the record', async () => {
    await using own = await StepEngine.start();
    const shared = engine;
    engine = own;
    try {
      const { images } = own.deps;
      const { layers } = await record('kept');
      const kept = await blobs();
      await removeImage({ ...own.deps, emit: () => undefined }, 'busybox', { force: true, noPrune: false });
      expect(images.list()).toEqual([]);
      expect(await blobs()).toEqual(kept);
      await own.close();
      await own.open();
      expect(await blobs()).toEqual(kept);
      expect(layers.every(({ chainId }) => own.deps.snapshots.hasLayer(chainId))).toBe(true);
      const { bytes } = await pruneCache(own.deps, everything);
      expect(bytes).toBeGreaterThan(4000);
      expect(await blobs()).toEqual([]);
      expect(layers.some(({ chainId }) => own.deps.snapshots.hasLayer(chainId))).toBe(false);
    } finally {
      engine = shared;
    }
  });

  test('stay when the record goes that an image has them of', async () => {
    const { images, snapshots } = engine.deps;
    const { id, layers } = await record('shared');
    const config = {
      ...engine.deps.images.resolve('busybox').config,
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    };
    const image = images.put({ configBytes: new TextEncoder().encode(JSON.stringify(config)), layers });
    expect((await cacheUse(engine.deps)).map((use) => presentCache(use, 50))).toMatchObject([
      { ID: id, Shared: true, Size: 6000, InUse: false, Type: 'regular' },
    ]);
    expect(await pruneCache(engine.deps, { all: false, limits: noLimits })).toEqual({ ids: [], bytes: 0 });
    expect(await pruneCache(engine.deps, everything)).toEqual({ ids: [id], bytes: 0 });
    expect(layers.every(({ chainId }) => snapshots.hasLayer(chainId))).toBe(true);
    await removeImage({ ...engine.deps, emit: () => undefined }, image.id, { force: true, noPrune: false });
    expect(snapshots.hasLayer(layers.at(-1)?.chainId ?? digestOf(''))).toBe(false);
  });
});

describe('pruning', () => {
  test('begins with what was used longest ago, children before parents, and stops at the limit', async () => {
    const first = await record('first');
    const child = await record('child', first.layers, first.id);
    const last = await record('last');
    // Uses are told apart by the millisecond.
    await Bun.sleep(2);
    engine.deps.buildCache.touch(first.id);
    const limits = { ...noLimits, mostUsed: 9500 };
    expect(await pruneCache(engine.deps, { all: false, limits })).toEqual({ ids: [child.id], bytes: 5000 });
    expect((await pruneCache(engine.deps, everything)).ids).toEqual([last.id, first.id]);
  });

  test('leaves alone what a build stands on, and what was used since', async () => {
    const { id } = await record('held');
    {
      using _held = engine.deps.buildCache.hold([id]);
      expect(await pruneCache(engine.deps, everything)).toEqual({ ids: [], bytes: 0 });
    }
    const hourAgo = Date.now() - 3_600_000;
    expect((await pruneCache(engine.deps, { ...everything, unusedSince: hourAgo })).ids).toEqual([]);
    expect((await pruneCache(engine.deps, everything)).ids).toEqual([id]);
  });

  test('of nothing by default policy leaves a small cache alone', async () => {
    const { id } = await record('small');
    await collectBuildCache(engine.deps);
    expect(engine.deps.buildCache.list().map((found) => found.id)).toEqual([id]);
    await pruneCache(engine.deps, everything);
  });
});

describe('a cache mount', () => {
  test('is filled once, with the owner and mode asked for, and outlives builds and the engine', async () => {
    let filled = 0;
    const request = {
      uid: 7,
      gid: 8,
      mode: 0o700,
      from: 'stage',
      async fill(to: string) {
        filled++;
        writeFileSync(join(to, 'initial'), 'x');
      },
    };
    {
      using one = await engine.deps.cacheMounts.acquire(mount(request));
      using two = await engine.deps.cacheMounts.acquire(mount(request));
      expect(two.source).toBe(one.source);
      expect(statSync(one.source)).toMatchObject({ uid: 7, gid: 8, mode: 0o40700 });
      writeFileSync(join(one.source, 'kept'), 'yes');
      expect(await pruneCache(engine.deps, everything)).toEqual({ ids: [], bytes: 0 });
    }
    await engine.close();
    await engine.open();
    using again = await engine.deps.cacheMounts.acquire(mount(request));
    expect(readFileSync(join(again.source, 'kept'), 'utf8')).toBe('yes');
    expect(filled).toBe(1);
    using other = await engine.deps.cacheMounts.acquire(mount());
    expect(other.source).not.toBe(again.source);
    const { source } = again;
    again[Symbol.dispose]();
    other[Symbol.dispose]();
    const [listed] = (await cacheUse(engine.deps))
      .filter(({ size }) => size > 0)
      .map((use) => presentCache(use, 41));
    expect(listed).toMatchObject({ Type: 'exec.cachemount', Description: 'cached mount /cache', Size: 4 });
    expect((await pruneCache(engine.deps, everything)).bytes).toBe(4);
    expect(existsSync(source)).toBe(false);
  });

  test('that is locked has one user at a time, whoever gives up waiting goes', async () => {
    const locked = mount({ id: 'locked', sharing: 'locked' });
    const first = await engine.deps.cacheMounts.acquire(locked);
    const controller = new AbortController();
    const giving = engine.deps.cacheMounts.acquire({ ...locked, signal: controller.signal });
    let isSecond = false;
    const second = engine.deps.cacheMounts.acquire(locked).then((taken) => {
      isSecond = true;
      return taken;
    });
    controller.abort(new TypeError('given up'));
    await expect(giving).rejects.toThrow('given up');
    expect(isSecond).toBe(false);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    (await second)[Symbol.dispose]();
  });

  test("that is private is nobody else's while it is used", async () => {
    const request = mount({ id: 'private', sharing: 'private' });
    const one = await engine.deps.cacheMounts.acquire(request);
    const two = await engine.deps.cacheMounts.acquire(request);
    expect(two.source).not.toBe(one.source);
    one[Symbol.dispose]();
    using again = await engine.deps.cacheMounts.acquire(request);
    expect(again.source).toBe(one.source);
    two[Symbol.dispose]();
  });

  test('that could not be filled is not there', async () => {
    const failing = mount({ id: 'failing', fill: () => Promise.reject(new TypeError('no source')) });
    await expect(engine.deps.cacheMounts.acquire(failing)).rejects.toThrow('no source');
    using empty = await engine.deps.cacheMounts.acquire(mount({ id: 'failing' }));
    expect(existsSync(empty.source)).toBe(true);
  });
});
