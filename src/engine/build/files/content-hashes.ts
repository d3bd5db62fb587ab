/**
 * The SHA-256 of every file of a context, taken while it was written and kept beside it, by inode: nothing changes in a
 * context, so no COPY has to read a file to know it. Records of 40 bytes: inode, hash; the last one of an inode counts.
 */
import { readFileSync } from 'node:fs';

const inodeSize = 8;
/** Bytes for one file. */
export const recordSize = inodeSize + 32;

export function hashRecord(inode: bigint, hash: Uint8Array): Buffer {
  const record = Buffer.alloc(recordSize);
  record.writeBigUInt64LE(inode);
  record.set(hash, inodeSize);
  return record;
}

export class ContentHashes {
  readonly #bytes: Buffer;
  readonly #offsets = new Map<bigint, number>();

  /** @param path what was written of `hashRecord`. */
  constructor(path: string) {
    this.#bytes = readFileSync(path);
    for (let at = 0; at + recordSize <= this.#bytes.length; at += recordSize)
      this.#offsets.set(this.#bytes.readBigUInt64LE(at), at + inodeSize);
  }

  get(inode: bigint): Buffer | undefined {
    const at = this.#offsets.get(inode);
    return at === undefined ? undefined : this.#bytes.subarray(at, at + 32);
  }
}
