/**
 * Manifests of upstream registries: out of the cache, or fetched, verified and kept. What a tag names is believed for a while, then
 * upstream is asked whether it still does; where it cannot say, the last answer stands. A digest never has to be asked about again.
 */
import { NotFoundError, UnavailableError } from '../../lib/errors.ts';
import { type Digest, parseDigest } from '../../oci/image/digest.ts';
import { isNonDistributable, manifestAccept } from '../../oci/image/media-type.ts';
import { maxManifestSize, parseManifest } from '../../oci/image/manifest.ts';
import { LeastRecent } from '../files/least-recent.ts';
import { TooManyRequestsError } from '../limits/too-many-requests.ts';
import type { ManifestReference, StoredManifest } from '../repositories/manifest-store.ts';
import type { CachedLink, CachedName, CachedTag, CacheStore } from './cache-store.ts';
import { SharedWork } from './shared-work.ts';
import { upstreamError } from './upstream-error.ts';
import type { UpstreamPlace } from './upstreams.ts';

export interface FoundManifest {
  readonly digest: Digest;
  readonly media_type: string;
  readonly size: number;
  /** Undefined where nobody has asked for them yet: `get` fetches them. */
  readonly bytes?: Uint8Array;
  /** Upstream did not say whether the tag still names it. */
  readonly isStale: boolean;
}

export interface ManifestReports {
  /** Somebody is given one: out of the cache, or from upstream. */
  given(isHit: boolean): void;
  fetched(place: UpstreamPlace, reference: string, { digest, bytes }: StoredManifest): void;
  stale(place: UpstreamPlace, tag: string, error: unknown): void;
}

/** In milliseconds: what is not there is not asked for again, nor what could not be asked. */
const notAgainFor = 10_000;

export class CachedManifests {
  readonly #store: CacheStore;
  readonly #tagAge: number;
  readonly #reports: ManifestReports;
  readonly #fetches = new SharedWork<StoredManifest>();
  readonly #looks = new SharedWork<CachedTag>();
  /** By tag: what asking came to, and until when that stands. */
  readonly #failures = new LeastRecent<string, { readonly until: number; readonly error: unknown }>(10_000);

  /** @param tagAge in milliseconds. */
  constructor(store: CacheStore, tagAge: number, reports: ManifestReports) {
    this.#store = store;
    this.#tagAge = tagAge;
    this.#reports = reports;
  }

  /** What it is, without fetching it. @throws NotFoundError, TooManyRequestsError, UnavailableError */
  async head(place: UpstreamPlace, reference: ManifestReference): Promise<FoundManifest> {
    if (reference.tag !== undefined)
      return this.#resolve(place, reference.tag, () => this.#look(place, reference.tag));
    const found = await this.#byDigest(place, reference.digest);
    return { ...found, size: found.bytes.byteLength, isStale: false };
  }

  /** @throws NotFoundError, TooManyRequestsError, UnavailableError */
  async get(place: UpstreamPlace, reference: ManifestReference): Promise<Required<FoundManifest>> {
    let isHit = true;
    const fetch = (text: string): Promise<StoredManifest> => {
      isHit = false;
      return this.#fetch(place, text);
    };
    const found = await this.#find(place, reference, fetch);
    this.#reports.given(isHit);
    return found;
  }

  async #find(
    place: UpstreamPlace,
    reference: ManifestReference,
    fetch: (reference: string) => Promise<StoredManifest>,
  ): Promise<Required<FoundManifest>> {
    const { tag } = reference;
    if (tag === undefined) {
      const found = await this.#byDigest(place, reference.digest, fetch);
      return { ...found, size: found.bytes.byteLength, isStale: false };
    }
    const { digest, isStale } = await this.#resolve(place, tag, async () => {
      const known = await this.#store.tag(nameOf(place), tag);
      if (known) return this.#look(place, tag);
      // One question less than to look first.
      return tagOf(await fetch(tag));
    });
    const found = await this.#byDigest(place, digest, fetch);
    return { ...found, size: found.bytes.byteLength, isStale };
  }

  /** @param ask upstream, and keeps what it says. */
  async #resolve(place: UpstreamPlace, tag: string, ask: () => Promise<CachedTag>): Promise<FoundManifest> {
    const name = nameOf(place);
    const known = await this.#store.tag(name, tag);
    if (known && known.checked_at > Date.now() - this.#tagAge) return { ...known, isStale: false };
    const key = keyOf(place, tag);
    try {
      const failed = this.#failures.get(key);
      if (failed && failed.until > Date.now()) throw failed.error;
      return { ...(await this.#looks.run(key, ask)), isStale: false };
    } catch (error) {
      this.#remember(key, error);
      if (known && isPassing(error)) {
        this.#reports.stale(place, tag, error);
        return { ...known, isStale: true };
      }
      if (known && error instanceof NotFoundError) await this.#store.removeTag(name, tag);
      throw error;
    }
  }

  async #look(place: UpstreamPlace, tag: string): Promise<CachedTag> {
    const { upstream, path } = place;
    await this.#requirePublic(place, tag);
    const found = await upstream.ask(path, (client, name, signal) => client.headManifest(name, tag, signal));
    if (!found) throw new NotFoundError('manifest unknown');
    const { digest, mediaType: media_type, size } = found;
    const known = await this.#store.tag(nameOf(place), tag);
    const here = await this.#store.manifest(nameOf(place), digest);
    // An older image is better than none: the pull of the new one would be refused.
    if (known && !here && upstream.isUsedUp)
      throw new UnavailableError(`${upstream.name} gives no more pulls to this hub for now`);
    // Some do not tell the size, or nothing that can be one, and clients need it.
    const isTold = size > 0 && size <= maxManifestSize && manifestAccept.includes(media_type);
    if (!here && !isTold) return tagOf(await this.#fetch(place, tag));
    const seen = here
      ? { digest, media_type: here.media_type, size: here.bytes.byteLength }
      : { digest, media_type, size };
    await this.#store.saveTag(nameOf(place), tag, seen);
    return { ...seen, checked_at: Date.now() };
  }

  async #byDigest(
    place: UpstreamPlace,
    digest: Digest,
    fetch = (reference: string) => this.#fetch(place, reference),
  ): Promise<StoredManifest> {
    return (await this.#store.manifest(nameOf(place), digest)) ?? fetch(digest);
  }

  #fetch(place: UpstreamPlace, reference: string): Promise<StoredManifest> {
    return this.#fetches.run(keyOf(place, reference), async () => {
      const { upstream, path } = place;
      await this.#requirePublic(place, reference);
      const received = await upstream.ask(path, (client, name, signal) =>
        client.getManifest(name, reference, signal),
      );
      const { digest, bytes, mediaType: media_type } = received;
      const links = linksOf(upstream.name, bytes, media_type);
      const manifest = { digest, media_type, bytes, links };
      const tag = reference.includes(':') ? undefined : reference;
      await this.#store.saveManifest(nameOf(place), manifest, tag);
      this.#reports.fetched(place, reference, manifest);
      return manifest;
    });
  }

  #requirePublic({ upstream, path }: UpstreamPlace, reference: string): Promise<void> {
    return upstream.requirePublic(path, (client, name, signal) =>
      client.headManifest(name, reference, signal),
    );
  }

  #remember(key: string, error: unknown): void {
    const known = this.#failures.get(key);
    if (known && known.until > Date.now()) return;
    this.#failures.set(key, { until: Date.now() + notAgainFor, error }, 1);
  }
}

function tagOf({ digest, media_type, bytes }: StoredManifest): CachedTag {
  return { digest, media_type, size: bytes.byteLength, checked_at: Date.now() };
}

export function nameOf({ upstream, path }: UpstreamPlace): CachedName {
  return { registry: upstream.name, path };
}

function keyOf({ upstream, path }: UpstreamPlace, reference: string): string {
  return `${upstream.name}/${path} ${reference}`;
}

/** Of upstream's state, not of what was asked for. */
function isPassing(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof TooManyRequestsError;
}

/** The blobs that it names. @throws UnavailableError when it is no manifest */
function linksOf(registry: string, bytes: Uint8Array, mediaType: string): readonly CachedLink[] {
  try {
    const manifest = parseManifest(bytes, mediaType);
    if (manifest.kind === 'index') return [];
    const { config, layers } = manifest.image;
    return [config, ...layers]
      .filter((blob) => !isNonDistributable(blob.mediaType))
      .map(({ digest, size }) => ({ digest: parseDigest(digest), size }));
  } catch (error) {
    throw upstreamError(registry, error, false, 0);
  }
}
