/** A stream in pieces of one size that are worked on at once, on all cores, and come out in their order. */
import { availableParallelism } from 'node:os';

/**
 * @param size in bytes, of every piece but the last one. @param work on one of them, which nobody changes afterwards.
 * Holds a few pieces per core in memory.
 */
export async function* inPieces(
  source: AsyncIterable<Uint8Array>,
  size: number,
  work: (piece: Uint8Array) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const ahead = availableParallelism() + 2;
  const pieces: Promise<Uint8Array>[] = [];
  try {
    for await (const piece of cut(source, size)) {
      const worked = work(piece);
      // Whoever stops reading early leaves pieces behind; their failure is nobody's business then.
      worked.catch(() => undefined);
      pieces.push(worked);
      const first = pieces.length >= ahead ? pieces.shift() : undefined;
      if (first) yield await first;
    }
    for (let next = pieces.shift(); next; next = pieces.shift()) yield await next;
  } finally {
    await Promise.allSettled(pieces);
  }
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
