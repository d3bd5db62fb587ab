/** Blobs: HEAD, GET with byte ranges, DELETE. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs */
import { bodyOf } from '../../oci/content/content-store.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { readDigest } from './address.ts';
import { isHeldByClient, rangeOf } from './conditions.ts';
import { type Exchange, requireAccount, requireRepository, type RegistryParts } from './exchange.ts';
import { RegistryFailure } from './failure.ts';
import { type ByteRange, parseRange } from './upload-range.ts';

export async function headBlob(parts: RegistryParts, exchange: Exchange, text: string): Promise<Response> {
  const digest = readDigest(text);
  // Who is told that it is here leaves it out of a push.
  const size = await parts.blobs.keep(requireRepository(exchange).id, digest);
  if (size === undefined) throw unknownBlob(digest);
  const headers = blobHeaders(digest);
  if (isHeldByClient(exchange.request, headers.ETag)) return new Response(null, { status: 304, headers });
  return new Response(null, { headers: { ...headers, 'Content-Length': String(size) } });
}

export async function getBlob(parts: RegistryParts, exchange: Exchange, text: string): Promise<Response> {
  const digest = readDigest(text);
  const size = await parts.blobs.sizeOf(requireRepository(exchange).id, digest);
  if (size === undefined) throw unknownBlob(digest);
  return sendBlob(parts, exchange, digest, size);
}

/** A blob of the content store that the caller may have. */
export async function sendBlob(
  parts: RegistryParts,
  { request }: Exchange,
  digest: Digest,
  size: number,
): Promise<Response> {
  const headers = blobHeaders(digest);
  if (isHeldByClient(request, headers.ETag)) return new Response(null, { status: 304, headers });
  const asked = rangeOf(request, headers.ETag);
  const range = asked === undefined ? undefined : parseRange(asked, size);
  const address = await parts.directDownloads?.addressOf(digest);
  // The client says again there which range it wants. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
  if (address !== undefined)
    return new Response(null, { status: 307, headers: redirectHeaders(digest, address) });
  const blob = await parts.contents.open(digest);
  const body = bodyOf(range ? blob.slice(range.start, range.end) : blob);
  return blobResponse(body, digest, size, range);
}

/** @param range undefined: all of it. */
export function blobResponse(
  body: BodyInit,
  digest: Digest,
  size: number,
  range: ByteRange | undefined,
): Response {
  const headers = blobHeaders(digest);
  if (!range) return new Response(body, { headers: { ...headers, 'Content-Length': String(size) } });
  return new Response(body, {
    status: 206,
    headers: {
      ...headers,
      'Content-Length': String(range.end - range.start),
      'Content-Range': `bytes ${range.start}-${range.end - 1}/${size}`,
    },
  });
}

export async function deleteBlob(parts: RegistryParts, exchange: Exchange, text: string): Promise<Response> {
  const digest = readDigest(text);
  const { id } = requireRepository(exchange);
  const account = requireAccount(exchange).name;
  await parts.changes.make(
    async () => {
      if (!(await parts.blobs.unlink(id, digest))) throw unknownBlob(digest);
    },
    { kind: 'blob-deleted', repository: exchange.path.path, account, digest },
  );
  return new Response(null, { status: 202, headers: { 'Content-Length': '0' } });
}

export function unknownBlob(digest: Digest): RegistryFailure {
  return new RegistryFailure('BLOB_UNKNOWN', 'blob unknown to registry', { digest });
}

/** The address ends long before what it leads to: it is not to be kept. */
function redirectHeaders(digest: Digest, address: string): Record<string, string> {
  return {
    Location: address,
    'Docker-Content-Digest': digest,
    'Content-Length': '0',
    'Cache-Control': 'no-store',
  };
}

/** Content-Disposition keeps Bun from telling the file's name on disk, and browsers from showing what people uploaded. */
export function blobHeaders(digest: Digest): Record<'ETag', string> & Record<string, string> {
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': 'attachment',
    'X-Content-Type-Options': 'nosniff',
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, max-age=31536000, immutable',
  };
}
