/**
 * Layers come as gzip, zstd or plain tar; which one is told by their first bytes, not by their media type.
 * Decompression runs on the thread pool, beside whoever consumes the bytes.
 */
import { Readable, type TransformOptions } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { type ZlibOptions, createGunzip } from 'node:zlib';
import { CorruptError, messageOf } from '../../lib/errors.ts';

export type Compression = 'gzip' | 'zstd' | 'none';

/** Large pieces, and some of them ahead of the consumer: the thread pool works while the consumer writes files. */
const gunzipOptions: ZlibOptions & TransformOptions = {
  chunkSize: 512 * 1024,
  readableHighWaterMark: 2 * 1024 * 1024,
};

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
  else yield* guarded(all, compression === 'gzip' ? gunzip : unzstd);
}

type Decompressor = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** Tells the source's own failures, which pass, from those of the format. */
async function* guarded(
  source: AsyncIterable<Uint8Array>,
  decompressor: Decompressor,
): AsyncGenerator<Uint8Array, void, undefined> {
  const failures: unknown[] = [];
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* source;
    } catch (error) {
      failures.push(error);
      throw error;
    }
  }
  try {
    yield* decompressor(watched());
  } catch (error) {
    if (failures.length > 0) throw failures[0];
    throw new CorruptError(`cannot decompress layer: ${messageOf(error)}`, { cause: error });
  }
}

async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const transform = createGunzip(gunzipOptions);
  const feeding = pipeline(Readable.from(source, { objectMode: false }), transform);
  // The failure reaches the consumer through the transform; here it only must not be unhandled.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of transform) {
      yield chunk as Uint8Array;
      // A consumer that works synchronously gives the event loop no turn: nobody would keep the thread pool busy.
      await setImmediate();
    }
    await feeding;
  } finally {
    transform.destroy();
  }
}

/** Not node:zlib: in Bun that takes a stream which is cut off for a whole one. */
async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  // Bun knows the format, the DOM's types don't yet.
  const transform = new DecompressionStream('zstd' as CompressionFormat);
  yield* toStream(source).pipeThrough<Uint8Array>(transform);
}

function toStream(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
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
