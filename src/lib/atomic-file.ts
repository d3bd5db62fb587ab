/** Files that are either whole or absent: write beside, fsync, rename, fsync the directory. */
import { closeSync, fsync, openSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const syncToDisk = promisify(fsync);

/** Replaces `path` with `content`; a crash at any instant leaves the old file or the new one. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes the names in a directory durable; a rename is on disk only after this. */
export async function syncDirectory(path: string): Promise<void> {
  // Only the sync waits for the disk, and goes to another thread.
  const directory = openSync(path, 'r');
  try {
    await syncToDisk(directory);
  } finally {
    closeSync(directory);
  }
}
