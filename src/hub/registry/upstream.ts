/**
 * What is read of a repository that the hub has not, and takes from an upstream registry: out of the cache, or through it. A
 * client is told the same as if the hub had it.
 */
import { mediaTypes } from '../../oci/image/media-type.ts';
import { NotFoundError, UnavailableError } from '../../lib/errors.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { nameOf } from '../upstream/cached-manifests.ts';
import { UpstreamAwayError } from '../upstream/upstream-error.ts';
import type { UpstreamPlace } from '../upstream/upstreams.ts';
import { readDigest, readReference } from './address.ts';
import { blobHeaders, blobResponse, sendBlob, unknownBlob } from './blobs.ts';
import { isHeldByClient, rangeOf } from './conditions.ts';
import type { Exchange, RegistryParts } from './exchange.ts';
import { RegistryFailure } from './failure.ts';
import { listing, readCount, readLast } from './lists.ts';
import { manifestHeaders, notModified, unknownManifest } from './manifests.ts';
import { parseRange } from './upload-range.ts';

export interface UpstreamExchange extends Exchange {
  readonly upstream: UpstreamPlace;
}

/** https://www.rfc-editor.org/rfc/rfc7234#section-5.5.1 */
const staleWarning = '110 - "Response is Stale"';

export async function headUpstreamManifest(
  { cache }: RegistryParts,
  exchange: UpstreamExchange,
  text: string,
): Promise<Response> {
  const reference = readReference(text);
  const { digest, media_type, size, isStale } = await found(
    exchange.upstream,
    unknownManifest(reference),
    () => cache.manifests.head(exchange.upstream, reference),
  );
  const headers = { ...manifestHeaders(digest, media_type, size), ...(isStale && { Warning: staleWarning }) };
  return notModified(exchange, headers) ?? new Response(null, { headers });
}

export async function getUpstreamManifest(
  { cache, events }: RegistryParts,
  exchange: UpstreamExchange,
  text: string,
): Promise<Response> {
  const reference = readReference(text);
  const { digest, media_type, bytes, isStale } = await found(
    exchange.upstream,
    unknownManifest(reference),
    () => cache.manifests.get(exchange.upstream, reference),
  );
  cache.used.manifest(digest);
  const headers = {
    ...manifestHeaders(digest, media_type, bytes.byteLength),
    ...(isStale && { Warning: staleWarning }),
  };
  const unchanged = notModified(exchange, headers);
  if (unchanged) return unchanged;
  events.pulled();
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
}

export async function headUpstreamBlob(
  { cache }: RegistryParts,
  exchange: UpstreamExchange,
  text: string,
): Promise<Response> {
  const digest = readDigest(text);
  const size = await found(exchange.upstream, unknownBlob(digest), () =>
    cache.blobs.head(exchange.upstream, digest),
  );
  const headers = blobHeaders(digest);
  if (isHeldByClient(exchange.request, headers.ETag)) return new Response(null, { status: 304, headers });
  return new Response(null, { headers: { ...headers, 'Content-Length': String(size) } });
}

export async function getUpstreamBlob(
  parts: RegistryParts,
  exchange: UpstreamExchange,
  text: string,
): Promise<Response> {
  const digest = readDigest(text);
  const { size, growing } = await found(exchange.upstream, unknownBlob(digest), () =>
    parts.cache.blobs.get(exchange.upstream, digest),
  );
  parts.cache.used.blob(digest);
  if (!growing) return sendBlob(parts, exchange, digest, size);
  const { ETag } = blobHeaders(digest);
  if (isHeldByClient(exchange.request, ETag)) {
    return new Response(null, { status: 304, headers: blobHeaders(digest) });
  }
  const asked = rangeOf(exchange.request, ETag);
  const range = asked === undefined ? undefined : parseRange(asked, size);
  return blobResponse(growing.stream(range?.start ?? 0, range?.end ?? size), digest, size, range);
}

/** As upstream lists them now; those that were pulled here, when it cannot be asked. */
export async function listUpstreamTags(
  { cache }: RegistryParts,
  exchange: UpstreamExchange,
): Promise<Response> {
  const { upstream, path } = exchange.upstream;
  const last = readLast(exchange.url);
  const limit = readCount(exchange.url);
  const unknown = new RegistryFailure('NAME_UNKNOWN', 'repository name not known to registry');
  const names = await found(exchange.upstream, unknown, async () => {
    try {
      await upstream.requirePublic(path, (client, name, signal) => client.tagsAfter(name, '', 1, signal));
      return await upstream.ask(path, (client, name, signal) =>
        client.tagsAfter(name, last, limit + 1, signal),
      );
    } catch (error) {
      const known = await cache.store.tagNames(nameOf(exchange.upstream), last, limit + 1);
      if (error instanceof UnavailableError && known.length > 0) return known;
      throw error;
    }
  });
  return listing(exchange.url, limit, names, (tags) => ({ name: exchange.path.path, tags }));
}

/** Not kept. Where upstream does not list them, clients look for them by tag. */
export async function listUpstreamReferrers(
  _parts: RegistryParts,
  exchange: UpstreamExchange,
  text: string,
): Promise<Response> {
  const subject = readDigest(text);
  const { upstream, path } = exchange.upstream;
  const artifactType = exchange.url.searchParams.get('artifactType') ?? '';
  const unknown = unknownManifest({ digest: subject });
  const manifests = await found(exchange.upstream, unknown, async () => {
    await upstream.requirePublic(path, (client, name, signal) => client.headManifest(name, subject, signal));
    return await upstream.ask(path, (client, name, signal) =>
      client.referrers(name, subject, artifactType, signal),
    );
  });
  if (!manifests) throw unknown;
  const index: { schemaVersion: 2; mediaType: string; manifests: readonly Descriptor[] } = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests,
  };
  return new Response(JSON.stringify(index), { headers: { 'Content-Type': mediaTypes.ociIndex } });
}

/** What is not there upstream is not here; nor is what nobody can look for, on a machine without a network. */
async function found<T>(
  { upstream, isHidden }: UpstreamPlace,
  unknown: RegistryFailure,
  look: () => Promise<T>,
): Promise<T> {
  if (isHidden) throw unknown;
  try {
    return await look();
  } catch (error) {
    if (error instanceof NotFoundError) throw unknown;
    if (error instanceof UpstreamAwayError && !upstream.hasAnswered)
      throw new RegistryFailure('NAME_UNKNOWN', `not on this hub, and ${error.message}`);
    throw error;
  }
}
