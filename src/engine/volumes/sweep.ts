/** What a crash can leave in the volumes' directory: removals and creations half way. */
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** No volume's name begins with a dot. */
export const removedPrefix = '.removed.';

/** Beside `_data`: the image's files on their way into a new volume. */
export const stagingName = '_copy';

/** @param isKnown whether a volume has this name. @returns names whose directory was on its way out: they are no volumes any more. */
export async function sweepVolumes(directory: string, isKnown: (name: string) => boolean): Promise<string[]> {
  const entries: string[] = await readdir(directory).catch(() => []);
  const finished: string[] = [];
  for (const entry of entries) {
    if (entry.startsWith(removedPrefix)) {
      const name = entry.slice(removedPrefix.length);
      if (!entries.includes(name)) finished.push(name);
      await rm(join(directory, entry), { recursive: true, force: true });
      continue;
    }
    await rm(join(directory, entry, stagingName), { recursive: true, force: true });
    if (!isKnown(entry)) await removeEmpty(join(directory, entry));
  }
  return finished;
}

/** One with files in it may be somebody's only copy. */
async function removeEmpty(directory: string): Promise<void> {
  try {
    await rmdir(join(directory, '_data')).catch(() => undefined);
    await rmdir(directory);
  } catch {
    // It is not empty.
  }
}
