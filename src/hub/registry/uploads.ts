/**
 * Uploads: one POST, POST and PUT, PATCHes streamed or with ranges, status and cancel.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
import { DeniedError, UnavailableError } from '../../lib/errors.ts';
import type { Ingest } from '../../oci/content/content-store.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { readDigestParameter } from './address.ts';
import { type Exchange, requireAccount, type RegistryParts } from './exchange.ts';
import { OutOfOrderFailure, RegistryFailure } from './failure.ts';
import { linkBlob } from './link-blob.ts';
import { mountBlob } from './mount.ts';
import { commitBlob, receive } from './receive.ts';
import { parseContentRange, rangeHeader } from './upload-range.ts';
import { newUploadSession, parseUploadId, type UploadSession } from './upload-session.ts';

export async function startUpload(parts: RegistryParts, exchange: Exchange): Promise<Response> {
  const { searchParams } = exchange.url;
  const account = requireAccount(exchange);
  const found = exchange.repository;
  // Whose old name the path may be. One that is pending is kept by it.
  const repository = found?.is_pending === 0 ? found : await parts.repositories.beginPush(exchange.path);
  const mount = readDigestParameter(exchange.url, 'mount');
  if (mount && (await mountBlob(parts, exchange, repository, mount, searchParams.get('from')))) {
    return created(exchange, mount);
  }
  const digest = mount ? undefined : readDigestParameter(exchange.url, 'digest');
  const upload = newUploadSession(repository.id, account.id);
  (await parts.quotas.admission(repository.id, digest))(announcedBy(exchange) || 1);
  if (digest) return finish(parts, exchange, upload, digest);
  await parts.contents.reserve(upload.id);
  return accepted(exchange, upload, 0);
}

export async function uploadStatus(parts: RegistryParts, exchange: Exchange, id: string): Promise<Response> {
  const { session, size } = await findUpload(parts, exchange, id);
  return new Response(null, { status: 204, headers: uploadHeaders(exchange, session, size) });
}

export async function patchUpload(parts: RegistryParts, exchange: Exchange, id: string): Promise<Response> {
  const { session } = await findUpload(parts, exchange, id);
  const ingest = await parts.contents.ingest(id);
  using _arriving = parts.arrivals.enter(session.repositoryId, ingest);
  await fill(parts, exchange, session, ingest);
  await ingest.close();
  return accepted(exchange, session, ingest.size);
}

export async function finishUpload(parts: RegistryParts, exchange: Exchange, id: string): Promise<Response> {
  const { session } = await findUpload(parts, exchange, id);
  const digest = readDigestParameter(exchange.url, 'digest');
  if (!digest) throw new RegistryFailure('DIGEST_INVALID', 'the digest parameter is missing');
  return finish(parts, exchange, session, digest);
}

export async function cancelUpload(parts: RegistryParts, exchange: Exchange, id: string): Promise<Response> {
  await findUpload(parts, exchange, id);
  const ingest = await parts.contents.ingest(id);
  await ingest.abort();
  return new Response(null, { status: 204 });
}

/** The last bytes, the check, the blob, the link: in this order, so that a link always has a blob behind it. */
async function finish(
  parts: RegistryParts,
  exchange: Exchange,
  session: UploadSession,
  digest: Digest,
): Promise<Response> {
  const ingest = await parts.contents.ingest(session.id);
  using _arriving = parts.arrivals.enter(session.repositoryId, ingest);
  await fill(parts, exchange, session, ingest, digest);
  // Committed or refused, the ingest is gone, and the session with it.
  const { size } = await commitBlob(ingest, digest);
  if (!(await linkBlob(parts, session.repositoryId, { digest, size }))) {
    throw new UnavailableError('the blob was collected as garbage in this moment: send it again');
  }
  parts.events.report({ kind: 'blob-pushed', repository: exchange.path.path, digest, size });
  return created(exchange, digest);
}

/** Appends what comes. The client may go on from what came when this fails, unless there is no room for it. */
async function fill(
  parts: RegistryParts,
  exchange: Exchange,
  session: UploadSession,
  ingest: Ingest,
  digest?: Digest,
): Promise<void> {
  try {
    checkOrder(exchange, session, ingest.size);
    const admit = await parts.quotas.admission(session.repositoryId, digest);
    admit(ingest.size + (announcedBy(exchange) ?? 0));
    await receive(ingest, exchange.request, admit);
  } catch (error) {
    await (error instanceof DeniedError ? ingest.abort() : ingest.close());
    throw error;
  }
}

/** A session is known to the account that began it, in the repository that it is for, and to nobody else. */
async function findUpload(
  { contents }: RegistryParts,
  exchange: Exchange,
  id: string,
): Promise<{ readonly session: UploadSession; readonly size: number }> {
  const session = parseUploadId(id);
  const isTheirs =
    session?.accountId === requireAccount(exchange).id && session.repositoryId === exchange.repository?.id;
  const size = session && isTheirs ? await contents.ingestSize(id) : undefined;
  if (session && size !== undefined) return { session, size };
  throw new RegistryFailure('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry', {
    upload: id.slice(0, 128),
  });
}

/** A chunk that says where it starts has to start where the upload stands. @throws OutOfOrderFailure; the session lives on. */
function checkOrder(exchange: Exchange, session: UploadSession, size: number): void {
  const text = exchange.request.headers.get('Content-Range');
  if (text === null) return;
  const { start, length } = parseContentRange(text);
  if (start !== size) throw new OutOfOrderFailure(locationOf(exchange, session), size);
  const announced = announcedBy(exchange);
  if (announced !== undefined && announced !== length) {
    throw new RegistryFailure('SIZE_INVALID', 'Content-Range and Content-Length do not agree');
  }
}

/** Of a body that comes in chunks nobody knows the length. */
function announcedBy({ request }: Exchange): number | undefined {
  const length = request.headers.get('Content-Length');
  return length === null ? undefined : Number(length);
}

function created(exchange: Exchange, digest: Digest): Response {
  return new Response(null, {
    status: 201,
    headers: {
      Location: `/v2/${exchange.path.path}/blobs/${digest}`,
      'Docker-Content-Digest': digest,
      'Content-Length': '0',
    },
  });
}

function accepted(exchange: Exchange, session: UploadSession, size: number): Response {
  const headers = { ...uploadHeaders(exchange, session, size), 'Content-Length': '0' };
  return new Response(null, { status: 202, headers });
}

function uploadHeaders(exchange: Exchange, session: UploadSession, size: number): Record<string, string> {
  return {
    Location: locationOf(exchange, session),
    Range: rangeHeader(size),
    'Docker-Upload-UUID': session.id,
  };
}

function locationOf({ path }: Exchange, { id }: UploadSession): string {
  return `/v2/${path.path}/blobs/uploads/${id}`;
}
