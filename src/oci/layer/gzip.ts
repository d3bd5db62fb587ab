/**
 * Gzip on all cores, for layers on their way to a registry. Each megabyte is deflated by itself on the thread pool and
 * ends at a byte's edge, so that the pieces, one after the other, are one deflate stream: what pigz does.
 * The output depends on the input and the level alone: the same layer always has the same digest.
 * https://www.rfc-editor.org/rfc/rfc1952
 */
import { promisify } from 'node:util';
import { type ZlibOptions, constants, crc32, deflateRaw } from 'node:zlib';
import { inPieces } from './pieces.ts';

const deflate = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw);

/** The digest of every pushed layer depends on these two: changing them means pushing everything again. */
const pieceSize = 1024 * 1024;
/** As small as level 6 on file systems, in four fifths of the time. */
export const usualGzipLevel = 5;

/** Deflate, no name, no time, made by an unknown system. */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** The gzip file of these bytes. @param level 0 to 9 */
export async function* gzip(
  source: AsyncIterable<Uint8Array>,
  level = usualGzipLevel,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield header;
  let checksum = 0;
  let size = 0;
  // Called in the order of the pieces, though what it gives comes when it will.
  yield* inPieces(source, pieceSize, (piece) => {
    checksum = crc32(piece, checksum);
    size += piece.length;
    return compressPiece(piece, level, constants.Z_SYNC_FLUSH);
  });
  // An empty last block closes the stream: no need to know which piece is the last.
  yield await compressPiece(new Uint8Array(), level, constants.Z_FINISH);
  yield trailer(checksum, size);
}

function compressPiece(piece: Uint8Array, level: number, finishFlush: number): Promise<Buffer> {
  return deflate(piece, { level, memLevel: 9, finishFlush });
}

function trailer(checksum: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(checksum, 0);
  bytes.writeUInt32LE(size % 2 ** 32, 4);
  return bytes;
}
