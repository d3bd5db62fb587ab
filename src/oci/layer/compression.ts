/**
 * Layers come as gzip, zstd or plain tar; which one is told by their first bytes, not by their media type.
 * Decompression runs on the thread pool, beside whoever consumes the bytes.
 */
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { CorruptError, errnoOf, messageOf } from '../../lib/errors.ts';

export type Compression = 'gzip' | 'zstd' | 'none';

/** Large pieces keep the thread pool busy while the consumer writes files. */
const outputSize = 512 * 1024;

/** @param head the first four bytes or more. */
export function detectCompression(head: Uint8Array): Compression {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd';
  return 'none';
}

/** The plain bytes of a stream that may be compressed. @throws CorruptError when it is broken or cut off. */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { head, all } = await peek(source);
  const compression = detectCompression(head);
  if (compression === 'none') yield* all;
  else yield* through(all, decompressor(compression));
}

function decompressor(compression: 'gzip' | 'zstd'): Transform {
  const options = { chunkSize: outputSize, readableHighWaterMark: 4 * outputSize };
  return compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
}

async function* through(
  source: AsyncIterable<Uint8Array>,
  transform: Transform,
): AsyncGenerator<Uint8Array, void, undefined> {
  const feeding = pipeline(Readable.from(source, { objectMode: false }), transform);
  // The failure reaches the consumer through the transform; here it only must not be unhandled.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of transform) yield chunk as Uint8Array;
    await feeding;
  } catch (error) {
    throw isCompressionError(error)
      ? new CorruptError(`cannot decompress layer: ${messageOf(error)}`, { cause: error })
      : error;
  } finally {
    transform.destroy();
  }
}

function isCompressionError(error: unknown): boolean {
  return /^(Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB|ERR_BUFFER_TOO_LARGE)/.test(errnoOf(error) ?? '');
}

/** Enough of the start to tell the format, and the whole stream all the same. */
async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < 4) {
    const next = await iterator.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, all: resume(head, iterator) };
}

async function* resume(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
