/** Reads a small blob whole, as configurations are read. */
import { errnoOf, NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../image/digest.ts';
import type { ContentStore } from './content-store.ts';

/** @throws NotFoundError when it is not there, or is removed in this moment. */
export async function readBlob(contents: ContentStore, digest: Digest): Promise<Uint8Array> {
  try {
    return await (await contents.open(digest)).bytes();
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw cause;
    throw new NotFoundError(`no such blob: ${digest}`, { cause });
  }
}
