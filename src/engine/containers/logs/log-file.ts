/** One file of a log, read in bounded blocks of whole lines: forward, from a place near its end, and on while it grows. */
import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const blockSize = 256 * 1024;
/** A line without an end is passed over in pieces of this size. conmon writes at most 8 KiB a line. */
const longestLine = 256 * 1024;
const newline = 0x0a;

/** Blocks of whole lines from `offset` on, up to the end there is when it is reached. @returns where it ended. */
export async function* readBlocks(file: FileHandle, offset: number): AsyncGenerator<Uint8Array, number> {
  let rest = new Uint8Array(0);
  let position = offset;
  for (;;) {
    const block = new Uint8Array(rest.length + blockSize);
    block.set(rest);
    const { bytesRead } = await file.read(block, rest.length, blockSize, position + rest.length);
    if (bytesRead === 0) return position;
    const filled = block.subarray(0, rest.length + bytesRead);
    const end = filled.lastIndexOf(newline) + 1;
    position += end;
    if (end > 0) yield filled.subarray(0, end);
    rest = filled.slice(end);
    if (rest.length > longestLine) {
      position += rest.length;
      rest = new Uint8Array(0);
    }
  }
}

/** The same of bytes that come by themselves; a line without an end at the end is left out. */
export async function* blocksOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = new Uint8Array(0);
  for await (const chunk of chunks) {
    const filled = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = filled.lastIndexOf(newline) + 1;
    if (end > 0) yield filled.subarray(0, end);
    rest = filled.length - end > longestLine ? new Uint8Array(0) : filled.slice(end);
  }
}

/** Decides whether a line counts. */
export type Counts = (block: Uint8Array, start: number) => boolean;

export interface Tail {
  /** Where the first of them begins. */
  readonly offset: number;
  /** As many as there are, up to those asked for. */
  readonly count: number;
}

/** The last `count` lines that count, found by reading backwards. @param counts called for each attempt anew. */
export async function tailOf(file: FileHandle, count: number, counts: () => Counts): Promise<Tail> {
  const { size } = await file.stat();
  if (count === 0) return { offset: size, count: 0 };
  for (let window = blockSize; ; window *= 4) {
    const start = Math.max(0, size - window);
    const offsets = await lineOffsets(file, start, size, counts());
    if (offsets.length >= count) return { offset: offsets.at(-count) ?? 0, count };
    if (start === 0) return { offset: 0, count: offsets.length };
  }
}

async function lineOffsets(file: FileHandle, from: number, size: number, counts: Counts): Promise<number[]> {
  const offsets: number[] = [];
  let position = from;
  // In the middle of the file the first piece is the end of a line.
  let isWhole = from === 0;
  for await (const block of readBlocks(file, from)) {
    for (let start = 0; start < block.length && position + start < size;) {
      const end = block.indexOf(newline, start) + 1;
      if (isWhole && counts(block, start)) offsets.push(position + start);
      isWhole = true;
      start = end;
    }
    position += block.length;
  }
  return offsets;
}

/** The same of a whole file's blocks, for one that cannot be read backwards. */
export async function tailOfBlocks(
  blocks: AsyncIterable<Uint8Array>,
  count: number,
  counts: Counts,
): Promise<Tail> {
  const offsets: number[] = [];
  let position = 0;
  let found = 0;
  for await (const block of blocks) {
    for (let start = 0; start < block.length; start = block.indexOf(newline, start) + 1) {
      if (counts(block, start)) offsets[found++ % count] = position + start;
    }
    position += block.length;
  }
  return found <= count ? { offset: 0, count: found } : { offset: offsets[found % count] ?? 0, count };
}

/** Wakes its reader when the file has changed. A rotation renames another file over it: the directory is watched. */
export class FileChanges implements Disposable {
  readonly #watcher: FSWatcher;
  #changed = Promise.withResolvers<void>();

  constructor(path: string) {
    const name = basename(path);
    this.#watcher = watch(dirname(path), (_event, changed) => {
      if (changed === name) this.#changed.resolve();
    });
  }

  /** Resolves at the first change since the last call, or when `other` does. */
  async next(other: Promise<unknown>): Promise<void> {
    await Promise.race([this.#changed.promise, other]);
    this.#changed = Promise.withResolvers();
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
  }
}

/** True when another file has taken the name since `file` was opened. */
export async function isReplaced(file: FileHandle, path: string): Promise<boolean> {
  const [opened, named] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  return named !== undefined && named.ino !== opened.ino;
}

/** Undefined where there is no file (yet). */
export function openLog(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch(() => undefined);
}
