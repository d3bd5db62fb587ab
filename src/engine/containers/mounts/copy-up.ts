/** An empty volume gets what the image has at its place: modes, owners, links and attributes kept. */
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidError } from '../../../lib/errors.ts';
import { runChecked } from '../../../lib/subprocess.ts';
import { stagingName } from '../../volumes/sweep.ts';
import { resolveInRoot } from '../spec/root-path.ts';

/** What the image has at a mount's place. @throws InvalidError where a volume without a name would hide a file. */
export async function imageDirectory(
  root: string,
  target: string,
  isAnonymous: boolean,
): Promise<string | undefined> {
  const path = resolveInRoot(root, target);
  const info = await lstat(path).catch(() => undefined);
  if (info?.isDirectory()) return path;
  if (info && isAnonymous) {
    throw new InvalidError(`cannot mount volume over existing file, file exists ${target}`);
  }
  return undefined;
}

/** @param isNew nobody has the volume yet: the files come into it all at once. */
export async function copyUp(source: string, destination: string, isNew: boolean): Promise<void> {
  if ((await readdir(destination)).length > 0) return;
  if (!isNew) {
    await copyInto(source, destination);
    return;
  }
  const staging = join(dirname(destination), stagingName);
  await rm(staging, { recursive: true, force: true });
  await copyInto(source, staging);
  await rename(staging, destination);
}

async function copyInto(source: string, destination: string): Promise<void> {
  // Also where the copy is not there yet: `-T` makes it the directory itself.
  await runChecked(['cp', '-aT', source, destination]);
}
