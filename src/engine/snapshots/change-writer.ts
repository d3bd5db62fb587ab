/** Lines of JSON about changed paths, written as they are found. The shape: engine-api/image-changes.ts */
import type { FileChange, ImageChangesLine, LayerChangesLine } from '../../engine-api/image-changes.ts';
import { fileTypes } from '../linux/device.ts';
import type { FileStat } from '../linux/file.ts';
import type { LowerEntry } from './lower-directory.ts';
import type { OutputBuffer } from './output-buffer.ts';

export const kinds = { modified: 0, added: 1, deleted: 2 } as const;

export class ChangeWriter {
  readonly #output: OutputBuffer;

  constructor(output: OutputBuffer) {
    this.#output = output;
  }

  write(line: LayerChangesLine | ImageChangesLine): void {
    this.#output.write(Buffer.from(`${JSON.stringify(line)}\n`));
  }

  flush(): void {
    this.#output.flush();
  }
}

/** @param path relative to the root. */
export function changeOf(
  kind: FileChange['Kind'],
  path: Buffer,
  { size, entries, isDirectory }: { size: number; entries?: number; isDirectory: boolean },
): FileChange {
  const text = path.toString();
  return {
    Kind: kind,
    Path: `/${text}`,
    ...(!Buffer.from(text).equals(path) && { RawPath: Buffer.concat([slash, path]).toString('base64') }),
    Size: size,
    ...(entries !== undefined && { Entries: entries }),
    ...(isDirectory && { IsDirectory: true as const }),
  };
}

const slash = Buffer.from('/');

/** Bytes of a file or a link; a directory weighs nothing by itself. */
export function weightOf({ mode, size }: FileStat): number {
  const type = mode & fileTypes.mask;
  return type === fileTypes.regular || type === fileTypes.symlink ? size : 0;
}

/** An entry with all that is below it; a file with several names counts once for each. */
export function totalOf({ stat, directory }: LowerEntry): { size: number; entries: number } {
  let size = weightOf(stat);
  let entries = 0;
  for (const [, entry] of directory?.entries() ?? []) {
    const below = totalOf(entry);
    size += below.size;
    entries += 1 + below.entries;
  }
  return { size, entries };
}
