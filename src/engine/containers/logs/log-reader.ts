/** The blocks of a log in order, over all of its files: from its beginning or its last lines, and on while it grows. */
import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import {
  blocksOf,
  type Counts,
  FileChanges,
  isReplaced,
  openLog,
  readBlocks,
  tailOf,
  tailOfBlocks,
} from './log-file.ts';
import { emptyPlace, placeLine } from './log-line.ts';
import { fullLogs, readFull } from './log-set.ts';

/** When a follower is to stop. */
export interface FollowEnd {
  readonly promise: Promise<unknown>;
  isReached(): boolean;
}

/** @param tail how many lines; undefined for all. @param end undefined: not followed. */
export async function* readLogBlocks(
  path: string,
  tail: number | undefined,
  end: FollowEnd | undefined,
): AsyncGenerator<Uint8Array> {
  // Before the file is opened: no change is missed.
  using changes = end && new FileChanges(path);
  let file = await openLog(path);
  try {
    const start = await startOf(path, file, tail);
    for (const full of start.full) yield* from(full.offset, blocksOf(readFull(full.path)));
    let offset = start.offset;
    for (;;) {
      // Asked before reading: what was written until then is seen.
      const isLast = !changes || !end || end.isReached();
      if (file) offset = yield* readBlocks(file, offset);
      if (isLast) return;
      if (!end.isReached()) await changes.next(end.promise);
      const next = await replacement(file, path);
      if (!next) continue;
      if (file) yield* readBlocks(file, offset);
      await file?.close();
      [file, offset] = [next, 0];
    }
  } finally {
    await file?.close();
  }
}

/** The file that is written now; undefined while that is the one which is read. */
async function replacement(file: FileHandle | undefined, path: string): Promise<FileHandle | undefined> {
  if (file && !(await isReplaced(file, path))) return undefined;
  return openLog(path);
}

interface Start {
  /** Full files to be read before, oldest first. */
  readonly full: readonly { readonly path: string; readonly offset: number }[];
  /** In the file that is written. */
  readonly offset: number;
}

async function startOf(path: string, file: FileHandle | undefined, tail: number | undefined): Promise<Start> {
  const paths = await othersThan(file, await fullLogs(path));
  if (tail === undefined) return { full: paths.map((each) => ({ path: each, offset: 0 })), offset: 0 };
  const last = file ? await tailOf(file, tail, lineCounter) : { offset: 0, count: 0 };
  const full: { path: string; offset: number }[] = [];
  let missing = tail - last.count;
  for (const each of paths.toReversed()) {
    if (missing <= 0) break;
    const found = await tailOfBlocks(blocksOf(readFull(each)), missing, lineCounter());
    full.unshift({ path: each, offset: found.offset });
    missing -= found.count;
  }
  return { full, offset: last.offset };
}

/** A rotation between opening the file and listing the others has made it one of them. */
async function othersThan(file: FileHandle | undefined, paths: readonly string[]): Promise<string[]> {
  const own = (await file?.stat())?.ino;
  const inodes = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return paths.filter((_path, index) => inodes[index] !== undefined && inodes[index]?.ino !== own);
}

async function* from(offset: number, blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let skip = offset;
  for await (const block of blocks) {
    if (skip < block.length) yield block.subarray(skip);
    skip = Math.max(0, skip - block.length);
  }
}

/** Counts whole lines, in however many pieces they came; of both streams, as docker does. */
function lineCounter(): Counts {
  const place = emptyPlace();
  const starts = { stdout: true, stderr: true };
  return (block, start) => {
    if (!placeLine(block, start, place)) return false;
    const stream = place.isStderr ? 'stderr' : 'stdout';
    const counts = starts[stream];
    starts[stream] = !place.isPartial;
    return counts;
  };
}
