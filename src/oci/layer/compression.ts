/**
 * Layers come as gzip, zstd or plain tar; which one is told by their first bytes, not by their media type.
 * Synchronous, a few buffers at a time: it belongs onto a thread of its own, beside whoever consumes the bytes.
 */
import type { ByteSource } from './byte-reader.ts';
import type { Decompressor } from './decompressor.ts';
import { Gunzip } from './gunzip.ts';
import { Unzstd } from './unzstd.ts';

export type Compression = 'gzip' | 'zstd' | 'none';

/** @param head the first four bytes or more. */
export function detectCompression(head: Uint8Array): Compression {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd';
  return 'none';
}

/** The plain bytes of a source that may be compressed. @throws UnavailableError when the library for it is missing. */
export function openDecompressor(source: ByteSource): Decompressor {
  const head = peek(source);
  let isHeadGiven = false;
  const all: ByteSource = () => {
    if (isHeadGiven) return source();
    isHeadGiven = true;
    return head;
  };
  const compression = detectCompression(head);
  if (compression === 'none') return new Plain(all);
  return compression === 'gzip' ? new Gunzip(all) : new Unzstd(all);
}

/** Enough of the start to tell the format, where there is as much. */
function peek(source: ByteSource): Uint8Array {
  let head: Uint8Array = source();
  while (head.length > 0 && head.length < 4) {
    const kept = Buffer.from(head);
    const more = source();
    head = Buffer.concat([kept, more]);
    if (more.length === 0) break;
  }
  return head;
}

class Plain implements Decompressor {
  readonly #source: ByteSource;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  read(output: Uint8Array): number {
    if (this.#rest.length === 0) this.#rest = this.#source();
    const part = this.#rest.subarray(0, output.length);
    output.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return part.length;
  }

  [Symbol.dispose](): void {}
}
