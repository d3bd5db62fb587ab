/** Manifests: HEAD, GET, PUT, DELETE by tag or digest. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
import type { Digest } from '../../oci/image/digest.ts';
import { maxManifestSize } from '../../oci/image/manifest.ts';
import { isIndex } from '../../oci/image/media-type.ts';
import { isTag } from '../../oci/image/reference.ts';
import { readBounded } from '../bounded-body.ts';
import type { HubEvent } from '../events.ts';
import type { ManifestReference } from '../repositories/manifest-store.ts';
import { readDigestParameter, readNewReference, readReference } from './address.ts';
import { isHeldByClient } from './conditions.ts';
import { type Exchange, requireAccount, requireRepository, type RegistryParts } from './exchange.ts';
import { RegistryFailure } from './failure.ts';
import { type PushedManifest, pushManifest } from './push-manifest.ts';

/** Of `?tag=` on a push by digest. */
const maxTags = 10;

export async function headManifest(
  parts: RegistryParts,
  exchange: Exchange,
  text: string,
): Promise<Response> {
  const reference = readReference(text);
  const found = await parts.manifests.head(requireRepository(exchange).id, reference);
  if (!found) throw unknownManifest(reference);
  const headers = manifestHeaders(found.digest, found.media_type, found.size);
  return notModified(exchange, headers) ?? new Response(null, { headers });
}

export async function getManifest(parts: RegistryParts, exchange: Exchange, text: string): Promise<Response> {
  const reference = readReference(text);
  const repository = requireRepository(exchange);
  const found = await parts.manifests.get(repository.id, reference);
  if (!found) throw unknownManifest(reference);
  const { digest, media_type, bytes } = found;
  const headers = manifestHeaders(digest, media_type, bytes.byteLength);
  const unchanged = notModified(exchange, headers);
  if (unchanged) return unchanged;
  parts.pulls.count(repository.id, reference, digest, !isIndex(media_type));
  parts.events.pulled();
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
}

export async function putManifest(parts: RegistryParts, exchange: Exchange, text: string): Promise<Response> {
  const reference = readNewReference(text);
  const account = requireAccount(exchange);
  const tags = tagsOf(reference, exchange.url);
  const bytes = await readManifest(exchange.request);
  const repository = exchange.repository ?? (await parts.repositories.beginPush(exchange.path));
  const contentType = exchange.request.headers.get('Content-Type')?.split(';', 1)[0]?.trim() ?? '';
  const push = {
    repositoryId: repository.id,
    bytes,
    contentType,
    digest: reference.digest ?? readDigestParameter(exchange.url, 'digest'),
    tags,
    pushedBy: account.id,
  };
  const what = { repository: exchange.path.path, account: account.name };
  const pushed = await pushManifest(parts, push, undefined, (done) =>
    parts.changes.record(...eventsOf(what, tags, done)),
  );
  const headers = new Headers({
    Location: `/v2/${exchange.path.path}/manifests/${text}`,
    'Docker-Content-Digest': pushed.digest,
    'Content-Length': '0',
  });
  if (pushed.subject) headers.set('OCI-Subject', pushed.subject);
  if (reference.tag === undefined) for (const tag of tags) headers.append('OCI-Tag', tag);
  return new Response(null, { status: 201, headers });
}

export async function deleteManifest(
  parts: RegistryParts,
  exchange: Exchange,
  text: string,
): Promise<Response> {
  const reference = readReference(text);
  const { id } = requireRepository(exchange);
  const account = requireAccount(exchange);
  const what = { repository: exchange.path.path, account: account.name, reference: text };
  await parts.changes.make(
    async () => {
      const deleted =
        reference.tag === undefined
          ? await parts.manifests.delete(id, reference.digest, account.id)
          : await parts.tags.delete(id, reference.tag, account.id);
      if (!deleted) throw unknownManifest(reference);
    },
    { kind: 'manifest-deleted', ...what },
  );
  return new Response(null, { status: 202, headers: { 'Content-Length': '0' } });
}

/** One for each tag; a manifest without one is told of by its digest. */
function eventsOf(
  what: { readonly repository: string; readonly account: string },
  tags: readonly string[],
  { digest, isFirst, isNew, moved }: PushedManifest,
): HubEvent[] {
  const pushed = (reference: string, isRepeated: boolean): HubEvent => ({
    kind: 'manifest-pushed',
    ...what,
    reference,
    digest,
    isRepeated,
  });
  return [
    ...(isFirst ? [{ kind: 'repository-created', ...what } as const] : []),
    ...(tags.length === 0 ? [pushed(digest, !isNew)] : tags.map((tag) => pushed(tag, !moved.includes(tag)))),
  ];
}

function tagsOf(reference: ManifestReference, url: URL): readonly string[] {
  if (reference.tag !== undefined) return [reference.tag];
  const tags = url.searchParams.getAll('tag');
  if (tags.length > maxTags || !tags.every(isTag)) {
    throw new RegistryFailure('TAG_INVALID', `the tag parameter holds at most ${maxTags} tags`);
  }
  return tags;
}

export function unknownManifest(reference: ManifestReference): RegistryFailure {
  return new RegistryFailure('MANIFEST_UNKNOWN', 'manifest unknown', reference);
}

/** A client that asks whether its copy still holds has pulled nothing. */
export function notModified({ request }: Exchange, { ETag }: ManifestHeaders): Response | undefined {
  return isHeldByClient(request, ETag) ? new Response(null, { status: 304, headers: { ETag } }) : undefined;
}

type ManifestHeaders = Record<'ETag', string> & Record<string, string>;

/** Cache-Control: a tag moves, so a cache asks every time; the ETag makes that cheap. */
export function manifestHeaders(digest: Digest, mediaType: string, size: number): ManifestHeaders {
  return {
    'Content-Type': mediaType,
    'Content-Length': String(size),
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'Cache-Control': 'private, no-cache',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** The body, unless it is larger than a manifest may be. @throws RegistryFailure */
async function readManifest(request: Request): Promise<Uint8Array> {
  const bytes = await readBounded(request, maxManifestSize);
  if (bytes) return bytes;
  throw new RegistryFailure('MANIFEST_TOO_LARGE', `a manifest has at most ${maxManifestSize} bytes`);
}
