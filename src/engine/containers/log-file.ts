/** A log file read in bounded pieces: forward line by line, from a place near its end, and on while it grows. */
import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const chunkSize = 64 * 1024;
/** A line without an end is handed on in pieces of this size. conmon writes at most 8 KiB a line. */
const longestLine = 256 * 1024;
const newline = 0x0a;

/**
 * Whole lines from `offset` on, up to the end the file has when it is reached; in batches, as they lie in one read:
 * a step of an asynchronous generator for each line would cost more than the line.
 * @returns where it ended.
 */
export async function* readLines(file: FileHandle, offset: number): AsyncGenerator<Uint8Array[], number> {
  let rest = new Uint8Array(0);
  let position = offset;
  for (;;) {
    const { bytesRead, buffer } = await file.read(
      new Uint8Array(chunkSize),
      0,
      chunkSize,
      position + rest.length,
    );
    if (bytesRead === 0) return position;
    const chunk = concat(rest, buffer.subarray(0, bytesRead));
    const lines: Uint8Array[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      lines.push(chunk.subarray(start, end + 1));
      start = end + 1;
    }
    position += start;
    if (lines.length > 0) yield lines;
    rest = chunk.slice(start);
    if (rest.length > longestLine) {
      position += rest.length;
      rest = new Uint8Array(0);
    }
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/** Where the last `count` lines begin that `counts` accepts, found by reading backwards. */
export async function tailOffset(
  file: FileHandle,
  count: number,
  counts: (line: Uint8Array) => boolean,
): Promise<number> {
  const { size } = await file.stat();
  if (count === 0) return size;
  for (let window = chunkSize; ; window *= 4) {
    const start = Math.max(0, size - window);
    const offsets: number[] = [];
    let position = start;
    let isFirst = start > 0;
    for await (const lines of readLines(file, start)) {
      for (const line of lines) {
        // In the middle of the file the first piece is the end of a line.
        if (!isFirst && position < size && counts(line)) offsets.push(position);
        isFirst = false;
        position += line.length;
      }
    }
    if (offsets.length >= count) return offsets.at(-count) ?? 0;
    if (start === 0) return 0;
  }
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
