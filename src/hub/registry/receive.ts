/** From a request's body into an ingest: the client is read no faster than the disk takes it. */
import { CorruptError } from '../../lib/errors.ts';
import type { BlobInfo, Ingest } from '../../oci/content/content-store.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { bodyError, isSmall } from '../bounded-body.ts';
import { noteReceived } from '../request-context.ts';
import { RegistryFailure } from './failure.ts';

/**
 * Appends the whole body. @throws whatever cut it off; what came before of a chunk is in the ingest.
 * @param admit is told how much the ingest is to hold before it does, and throws when that is too much.
 */
export async function receive(
  ingest: Ingest,
  request: Request,
  admit: (size: number) => void,
): Promise<void> {
  try {
    if (request.method !== 'PATCH' && isSmall(request)) {
      const bytes = await request.bytes();
      noteReceived(bytes.byteLength);
      admit(ingest.size + bytes.byteLength);
      await ingest.write(bytes);
      return;
    }
    for await (const chunk of request.body ?? []) {
      noteReceived(chunk.byteLength);
      admit(ingest.size + chunk.byteLength);
      await ingest.write(chunk);
      release(chunk);
    }
  } catch (error) {
    throw bodyError(error);
  }
}

/**
 * Frees the memory at once, which lies outside of the heap: the collector would see to it much later, and each chunk until then
 * would be of pages that were never touched before.
 */
function release({ buffer, byteLength }: Uint8Array<ArrayBuffer>): void {
  // Not one of which others are a part as well.
  if (byteLength === buffer.byteLength) buffer.transfer(0);
}

/** Verifies and makes the blob visible in the content store. @throws RegistryFailure DIGEST_INVALID */
export async function commitBlob(ingest: Ingest, digest: Digest): Promise<BlobInfo> {
  try {
    return await ingest.commit({ digest });
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    throw new RegistryFailure('DIGEST_INVALID', 'provided digest did not match uploaded content', { digest });
  }
}
