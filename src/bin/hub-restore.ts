/** `cais hub restore DIRECTORY`: a hub where there is none. */
import { resolve } from 'node:path';
import type { ServerCommand } from '../cli/context.ts';
import { BackupDirectory } from '../hub/keeping/backup-directory.ts';
import { restore } from '../hub/keeping/restore.ts';
import { CopyProgress, describeCopied } from './copy-progress.ts';
import { hubConfig } from './hub-parts.ts';
import { text } from './server-flags.ts';

export const hubRestore: ServerCommand = async (flags, _input, output) => {
  const config = hubConfig(flags);
  using source = await BackupDirectory.openToRead(resolve(flags.args[0] ?? ''));
  const chosen = await source.find(text(flags, 'generation'));
  const progress = new CopyProgress(output);
  const copied = await restore(config, source, chosen, progress);
  await progress.end(`${chosen.generation.name}: ${describeCopied(copied)}`);
  if (progress.damaged === 0) return 0;
  await output.write(
    `The hub is back but for ${progress.damaged} blobs: cais hub fsck names the images that need them; push those again\n`,
  );
  return 1;
};
