/** The pull-through cache, wired: what the registry's routes and an administrator's pages ask. */
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import type { HubConfig } from '../config.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Events } from '../events.ts';
import type { GarbageStore } from '../repositories/garbage-store.ts';
import { CacheKeeper } from './cache-keeper.ts';
import { CacheList } from './cache-list.ts';
import { CacheStore } from './cache-store.ts';
import { CachedBlobs } from './cached-blobs.ts';
import { CachedManifests } from './cached-manifests.ts';
import { usualPatience } from './patience.ts';
import type { UpstreamConfig } from './upstream-config.ts';
import { type UpstreamPlace, Upstreams } from './upstreams.ts';
import { UseMarks } from './use-marks.ts';

export interface CacheParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
  readonly garbage: GarbageStore;
  readonly events: Events;
}

export interface CacheTraffic {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Manifests and blobs that were given out of the cache, and those that upstream had to be asked for. */
  readonly hits: number;
  readonly misses: number;
  /** From upstream, in bytes. */
  readonly fetched: number;
}

/** In milliseconds after something was taken: several blobs of one image are looked at together. */
const shrinkAfter = 10_000;
/** When what is used now keeps the cache too large. */
const shrinkAgainAfter = 60_000;

export class UpstreamCache implements AsyncDisposable {
  readonly upstreams: Upstreams;
  readonly config: UpstreamConfig;
  readonly store: CacheStore;
  readonly manifests: CachedManifests;
  readonly blobs: CachedBlobs;
  readonly keeper: CacheKeeper;
  readonly used: UseMarks;
  readonly list: CacheList;
  readonly #traffic = { since: Date.now(), hits: 0, misses: 0, fetched: 0 };
  readonly #parts: CacheParts;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #shrinking: Promise<void> = Promise.resolve();

  /** @param directory for what is on its way. */
  constructor(
    parts: CacheParts,
    config: UpstreamConfig,
    directory: string,
    log: Log,
    patience = usualPatience,
  ) {
    const { database, contents, events } = parts;
    this.config = config;
    this.upstreams = new Upstreams(config, database, patience);
    this.store = new CacheStore(database);
    this.keeper = new CacheKeeper(parts);
    this.list = new CacheList(database);
    this.used = new UseMarks(database, log);
    this.#parts = parts;
    this.#log = log;
    this.manifests = new CachedManifests(this.store, config.tagAge, {
      given: (isHit) => this.#count(isHit),
      fetched: (place, reference, { digest, bytes }) => {
        const { byteLength: size } = bytes;
        const repository = titleOf(place);
        this.#traffic.fetched += size;
        events.report({ kind: 'upstream-manifest-fetched', repository, reference, digest, size });
        this.#shrinkSoon(shrinkAfter);
      },
      stale: (place, tag, error) =>
        events.report({
          kind: 'upstream-stale',
          repository: titleOf(place),
          reference: tag,
          reason: messageOf(error),
        }),
    });
    const limits = { maxSize: config.maxSize, stall: patience.stall };
    this.blobs = new CachedBlobs(this.store, { database, contents, directory }, limits, {
      given: (isHit) => this.#count(isHit),
      fetched: (place, digest, size) => {
        this.#traffic.fetched += size;
        events.report({ kind: 'upstream-blob-fetched', repository: titleOf(place), digest, size });
        this.#shrinkSoon(shrinkAfter);
      },
      failed: (place, digest, reason) =>
        events.report({ kind: 'upstream-failed', repository: titleOf(place), digest, reason }),
    });
  }

  /** Of this copy of the hub, since it was started. */
  get traffic(): CacheTraffic {
    return this.#traffic;
  }

  #count(isHit: boolean): void {
    this.#traffic[isHit ? 'hits' : 'misses'] += 1;
  }

  #shrinkSoon(after: number): void {
    if (this.config.maxSize === Infinity || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#shrinking = this.#shrink().catch((error: unknown) =>
        this.#log.warn({ reason: messageOf(error) }, 'cannot make room in the cache'),
      );
    }, after);
    this.#timer.unref();
  }

  async #shrink(): Promise<void> {
    const { database, events } = this.#parts;
    const { maxSize } = this.config;
    await this.used.flush();
    const removed = await database.alone('cache', () => this.keeper.shrink(maxSize));
    if (removed && removed.bytes > 0) events.report({ kind: 'cache-shrunk', ...removed });
    if ((await this.keeper.size()) > maxSize) this.#shrinkSoon(shrinkAgainAfter);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.blobs[Symbol.asyncDispose]();
    clearTimeout(this.#timer);
    await this.#shrinking;
    await this.used[Symbol.asyncDispose]();
  }
}

/** @param stack ends with the hub. */
export function openUpstreams(
  parts: CacheParts,
  { upstream, directory }: Pick<HubConfig, 'upstream' | 'directory'>,
  log: Log,
  stack: AsyncDisposableStack,
): { readonly cache: UpstreamCache; readonly upstreams: Upstreams } {
  const cache = stack.use(new UpstreamCache(parts, upstream, directory, log));
  return { cache, upstreams: cache.upstreams };
}

/** As people write it. */
function titleOf({ upstream, path }: UpstreamPlace): string {
  return `${upstream.name}/${path}`;
}
