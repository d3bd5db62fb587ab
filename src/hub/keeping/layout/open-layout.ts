/** The layout that a path names. */
import { stat } from 'node:fs/promises';
import { InvalidError, messageOf } from '../../../lib/errors.ts';
import { ArchiveLayout } from './archive-layout.ts';
import { DirectoryLayout } from './directory-layout.ts';
import type { OciLayout } from './oci-layout.ts';

/** @throws InvalidError, CorruptError */
export async function openLayout(path: string): Promise<OciLayout> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new InvalidError(`cannot read ${path}: ${messageOf(cause)}`, { cause });
  });
  if (found.isDirectory()) return new DirectoryLayout(path);
  if (found.isFile()) return await ArchiveLayout.open(Bun.file(path));
  throw new InvalidError(`${path} is neither a file nor a directory`);
}
