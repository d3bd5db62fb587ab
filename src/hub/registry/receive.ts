/** From a request's body into an ingest: the client is read no faster than the disk takes it. */
import { CorruptError } from '../../lib/errors.ts';
import type { BlobInfo, Ingest } from '../../oci/content/content-store.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { bodyError } from '../bounded-body.ts';
import { RegistryFailure } from './failure.ts';

/** So much is written at once: a body comes in pieces of 16 to 64 kB, and each write is a way to another thread and back. */
const batchSize = 512 * 1024;

/**
 * Appends the whole body, one write under way while the next chunks come in.
 * @throws whatever cut it off; what came before is in the ingest.
 */
export async function receive(ingest: Ingest, body: ReadableStream<Uint8Array> | null): Promise<void> {
  let writing = Promise.resolve();
  let batch: Uint8Array[] = [];
  let size = 0;
  const write = async (): Promise<void> => {
    await writing;
    writing = ingest.write(...batch);
    batch = [];
    size = 0;
  };
  try {
    for await (const chunk of body ?? []) {
      batch.push(chunk);
      size += chunk.byteLength;
      if (size < batchSize) continue;
      await write();
      // Its failure is thrown by the next await; until then nobody is to call it unhandled.
      writing.catch(() => undefined);
    }
  } catch (error) {
    throw bodyError(error);
  } finally {
    await write();
    await writing;
  }
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
