/** Whether a file is one that ADD takes apart: a tar with a member, compressed in any of the ways that docker reads. */
import { readPlain } from '../../images/archive/member-process.ts';
import { blockSize, parseHeaderBlock } from '../../../oci/layer/tar-header.ts';
import type { ProcessOptions } from './copy-process.ts';

/** @param path on the host, no link. */
export async function isArchive(path: string, { self, signal }: ProcessOptions): Promise<boolean> {
  let head = Buffer.alloc(0);
  try {
    const body = Bun.file(path).stream();
    for await (const chunk of readPlain({ self, body, signal })) {
      head = Buffer.concat([head, chunk]);
      if (head.length >= blockSize) break;
    }
    parseHeaderBlock(head.subarray(0, blockSize));
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
