/**
 * Zstandard on all cores, for layers that are asked for in that form. Each piece is a frame of its own; frames one after
 * the other are one file. The output depends on the input and the level alone. https://www.rfc-editor.org/rfc/rfc8878#section-3
 */
import { inPieces } from './pieces.ts';

/** As large as what the library looks back over at its usual levels: a frame loses next to nothing of it. */
const pieceSize = 4 * 1024 * 1024;
/** The library's own. */
export const usualZstdLevel = 3;

/** The zstd file of these bytes. @param level 1 to 22; 0 is the usual one, as the library has it. */
export async function* zstd(
  source: AsyncIterable<Uint8Array>,
  level = usualZstdLevel,
): AsyncGenerator<Uint8Array, void, undefined> {
  const options = { level: level === 0 ? usualZstdLevel : level };
  let isEmpty = true;
  for await (const frame of inPieces(source, pieceSize, (piece) => Bun.zstdCompress(piece, options))) {
    isEmpty = false;
    yield frame;
  }
  // A file without a frame is none.
  if (isEmpty) yield await Bun.zstdCompress(new Uint8Array(), options);
}
