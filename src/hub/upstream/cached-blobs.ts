/** Blobs of upstream registries: out of the cache, or on their way into it, once for everybody who waits. */
import { DeniedError, messageOf, NotFoundError } from '../../lib/errors.ts';
import { readBlob } from '../../oci/distribution/transfer.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';
import { whileThere } from '../registry/link-blob.ts';
import { nameOf } from './cached-manifests.ts';
import { type CacheStore, holdBlob } from './cache-store.ts';
import { GrowingBlob, type GrowingPlace } from './growing-blob.ts';
import { SharedWork } from './shared-work.ts';
import { upstreamError } from './upstream-error.ts';
import type { UpstreamPlace } from './upstreams.ts';

export interface BlobReports {
  /** Somebody is given one: out of the cache, or as it comes from upstream. */
  given(isHit: boolean): void;
  fetched(place: UpstreamPlace, digest: Digest, size: number): void;
  failed(place: UpstreamPlace, digest: Digest, reason: string): void;
}

export interface BlobPlace extends GrowingPlace {
  readonly database: HubDatabase;
}

export interface BlobLimits {
  /** Of the whole cache, in bytes. */
  readonly maxSize: number;
  /** In milliseconds without a byte: upstream is then asked for the rest again. */
  readonly stall: number;
}

/** In the content store, or still on its way there. */
export type FoundBlob =
  | { readonly size: number; readonly growing?: undefined }
  | { readonly size: number; readonly growing: GrowingBlob };

export class CachedBlobs {
  readonly #store: CacheStore;
  readonly #place: BlobPlace;
  readonly #reports: BlobReports;
  readonly #growing = new Map<string, GrowingBlob>();
  readonly #sizes = new SharedWork<number>();
  readonly #stopped = new AbortController();
  readonly #limits: BlobLimits;

  constructor(store: CacheStore, place: BlobPlace, limits: BlobLimits, reports: BlobReports) {
    this.#store = store;
    this.#place = place;
    this.#limits = limits;
    this.#reports = reports;
  }

  /** The size of a blob that is here, of this repository; undefined: it has to be fetched, if there is one. */
  async sizeOf(place: UpstreamPlace, digest: Digest): Promise<number | undefined> {
    const link = await this.#store.link(nameOf(place), digest);
    return link?.isHere ? link.size : undefined;
  }

  /** The size, without fetching it. @throws NotFoundError, TooManyRequestsError, UnavailableError */
  async head(place: UpstreamPlace, digest: Digest): Promise<number> {
    const link = await this.#store.link(nameOf(place), digest);
    return link?.size ?? this.#askSize(place, digest);
  }

  /** Fetches it where it is not here. @throws NotFoundError, TooManyRequestsError, UnavailableError */
  async get(place: UpstreamPlace, digest: Digest): Promise<FoundBlob> {
    const link = await this.#store.link(nameOf(place), digest);
    this.#reports.given(link?.isHere === true);
    if (link?.isHere) return { size: link.size };
    const size = link?.size ?? (await this.#askSize(place, digest));
    if (size > this.#limits.maxSize)
      throw new DeniedError(
        `cannot pull: a blob of ${size} bytes is larger than the cache (--upstream-size)`,
      );
    const growing = this.#grow(place, digest, size);
    try {
      await growing.begun();
      if (!growing.hasEnded) return { size, growing };
      await growing.ended;
      return { size };
    } catch (error) {
      throw upstreamError(place.upstream.name, error, false, 0);
    }
  }

  /** Only the repository's own may say that it has the blob: bytes that the hub knows from elsewhere are not told of. */
  #grow(place: UpstreamPlace, digest: Digest, size: number): GrowingBlob {
    const { upstream, path } = place;
    const key = `${upstream.name}/${path} ${size} ${digest}`;
    const known = this.#growing.get(key);
    if (known) return known;
    const growing = new GrowingBlob(
      this.#place,
      { digest, size },
      () => this.#fetch(place, digest, size),
      () => this.#publish(place, digest, size),
    );
    this.#growing.set(key, growing);
    growing.ended.then(
      () => this.#growing.delete(key),
      (error: unknown) => {
        this.#growing.delete(key);
        upstream.note(error);
        this.#reports.failed(place, digest, messageOf(error));
      },
    );
    return growing;
  }

  async *#fetch(
    { upstream, path }: UpstreamPlace,
    digest: Digest,
    size: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { signal } = this.#stopped;
    using _turn = await upstream.transfers.begin(signal);
    const client = {
      getBlob: (_name: unknown, wanted: Digest, offset = 0, either?: AbortSignal) =>
        upstream.ask(path, (asked, name, all) => asked.getBlob(name, wanted, offset, all), either),
    };
    const name = { domain: upstream.name, path };
    const options = { signal, stallMilliseconds: this.#limits.stall };
    yield* readBlob({ client, name }, { digest, size, mediaType: '' }, 0, options);
  }

  async #publish(place: UpstreamPlace, digest: Digest, size: number): Promise<void> {
    await whileThere(this.#place, digest, (transaction) =>
      holdBlob(transaction, nameOf(place), { digest, size }),
    );
    this.#reports.fetched(place, digest, size);
  }

  #askSize(place: UpstreamPlace, digest: Digest): Promise<number> {
    const { upstream, path } = place;
    return this.#sizes.run(`${upstream.name}/${path} ${digest}`, async () => {
      await upstream.requirePublic(path, (client, name, signal) => client.blobSize(name, digest, signal));
      const size = await upstream.ask(path, (client, name, signal) => client.blobSize(name, digest, signal));
      if (size === undefined) throw new NotFoundError('blob unknown');
      return size;
    });
  }

  /** Those on their way end unfinished. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await Promise.allSettled([...this.#growing.values()].map(({ ended }) => ended));
  }
}
