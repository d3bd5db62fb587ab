/** Bytes as layers read them: from memory, in pieces, to the end. */
import type { ByteSource } from '../../src/oci/layer/byte-reader.ts';
import { openDecompressor } from '../../src/oci/layer/compression.ts';

/** The bytes in pieces of at most `size`, as files and networks deliver them. Each piece is gone when the next one is asked for. */
export function inPieces(bytes: Uint8Array, size = 1 << 20): ByteSource {
  let at = 0;
  let last = new Uint8Array();
  return () => {
    last.fill(0xee);
    last = Uint8Array.from(bytes.subarray(at, at + size));
    at += last.length;
    return last;
  };
}

/** The plain bytes of a source that may be compressed, in pieces that stay. */
export function* decompressed(
  source: ByteSource,
  pieceSize = 65_536,
): Generator<Uint8Array, void, undefined> {
  using decompressor = openDecompressor(source);
  for (;;) {
    const piece = new Uint8Array(pieceSize);
    const length = decompressor.read(piece);
    if (length === 0) return;
    yield piece.subarray(0, length);
  }
}
