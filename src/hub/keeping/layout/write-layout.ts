/** Puts the files of a layout on the disk, as a tar archive or a directory: whole, or not under their name. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../../../lib/atomic-file.ts';
import { ConflictError, errnoOf } from '../../../lib/errors.ts';
import { tar, type TarMember } from '../../../oci/layer/tar.ts';
import { emptyHeader } from '../../../oci/layer/tar-header.ts';
import type { LayoutFile } from './export-layout.ts';
import { indexPath } from './oci-layout.ts';

type Files = AsyncIterable<LayoutFile>;

/** An archive that is there is replaced when the new one is whole. */
export async function writeArchive(path: string, files: Files): Promise<void> {
  await writeFile(path, tar(membersOf(files)));
}

/** @throws ConflictError where the directory holds a layout already, or something else. */
export async function writeDirectory(path: string, files: Files): Promise<void> {
  await mkdir(path, { recursive: true });
  const names = await readdir(path);
  // index.json comes last: without it this is one that was cut off.
  if (names.includes(indexPath) || names.some((name) => name !== 'blobs' && name !== 'oci-layout')) {
    throw new ConflictError(`${path} is not empty: give another directory`);
  }
  for await (const file of files) {
    const target = join(path, file.path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, file.content());
  }
}

async function* membersOf(files: Files): AsyncGenerator<TarMember, void, undefined> {
  for await (const { path, size, content } of files) {
    // Nobody's, and of no time: the same images give the same bytes.
    const header = { ...emptyHeader, name: Buffer.from(path), mode: 0o644, size };
    yield { header, content: content() };
  }
}

/** Of what is in private repositories too: its owner's to read. */
async function writeFile(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const part = `${path}.part`;
  try {
    const file = await open(part, 'w', 0o600);
    try {
      for await (const chunk of content) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch((failure: unknown) => {
      if (errnoOf(failure) !== 'ENOENT') throw failure;
    });
    throw error;
  }
  await syncDirectory(dirname(path));
}
