/** A layout in a directory. A link in it leads nowhere: it could lead to any file of this machine. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptError, errnoOf } from '../../../lib/errors.ts';
import type { OciLayout } from './oci-layout.ts';

export class DirectoryLayout implements OciLayout {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async open(path: string): Promise<Blob | undefined> {
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth++) {
      const name = parts.slice(0, depth).join('/');
      const found = await lstat(join(this.#root, name)).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
        throw error;
      });
      if (!found) return undefined;
      const isRight = depth === parts.length ? found.isFile() : found.isDirectory();
      if (!isRight) throw new CorruptError(`invalid layout: ${name} is a link, or no file`);
    }
    return Bun.file(join(this.#root, path));
  }
}
