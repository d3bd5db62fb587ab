/**
 * Gzip on all cores, for layers on their way to a registry. Each megabyte is deflated by itself on the thread pool and
 * ends at a byte's edge, so that the pieces, one after the other, are one deflate stream: what pigz does.
 * The output depends on the input alone: the same layer always has the same digest.
 * https://www.rfc-editor.org/rfc/rfc1952
 */
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { type ZlibOptions, constants, crc32, deflateRaw } from 'node:zlib';

const deflate = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw);

/** The digest of every pushed layer depends on these two: changing them means pushing everything again. */
const pieceSize = 1024 * 1024;
/** As small as level 6 on file systems, in four fifths of the time. */
const level = 5;

/** Deflate, no name, no time, made by an unknown system. */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** The gzip file of these bytes. Holds a few pieces per core in memory. */
export async function* gzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield header;
  const ahead = availableParallelism() + 2;
  const pieces: Promise<Buffer>[] = [];
  let checksum = 0;
  let size = 0;
  try {
    for await (const piece of cut(source, pieceSize)) {
      checksum = crc32(piece, checksum);
      size += piece.length;
      pieces.push(compressPiece(piece, constants.Z_SYNC_FLUSH));
      const first = pieces.length >= ahead ? pieces.shift() : undefined;
      if (first) yield await first;
    }
    for (let next = pieces.shift(); next; next = pieces.shift()) yield await next;
    // An empty last block closes the stream: no need to know which piece is the last.
    yield await compressPiece(new Uint8Array(), constants.Z_FINISH);
    yield trailer(checksum, size);
  } finally {
    await Promise.allSettled(pieces);
  }
}

function compressPiece(piece: Uint8Array, finishFlush: number): Promise<Buffer> {
  const compressed = deflate(piece, { level, memLevel: 9, finishFlush });
  // Whoever stops reading early leaves pieces behind; their failure is nobody's business then.
  compressed.catch(() => undefined);
  return compressed;
}

function trailer(checksum: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(checksum, 0);
  bytes.writeUInt32LE(size % 2 ** 32, 4);
  return bytes;
}

/** Pieces of exactly `size` bytes, the last one shorter, however the source cuts them. */
async function* cut(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + size - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < size) continue;
      yield piece;
      piece = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
