/** `cais hub backup DIRECTORY`, `backup ls` and `backup prune`, also while the hub serves. */
import { resolve } from 'node:path';
import type { ServerCommand, ServerFlags } from '../cli/context.ts';
import { formatSize } from '../cli/human.ts';
import { alignTabs } from '../cli/table.ts';
import { BackupDirectory } from '../hub/keeping/backup-directory.ts';
import { backUp } from '../hub/keeping/backup.ts';
import { InvalidError } from '../lib/errors.ts';
import { CopyProgress, describeCopied } from './copy-progress.ts';
import { hubConfig, openQuietly } from './hub-parts.ts';
import { text } from './server-flags.ts';

export const hubBackup: ServerCommand = async (flags, _input, output) => {
  const keep = keepOf(flags);
  await using parts = await openQuietly(flags);
  using target = await BackupDirectory.openToWrite(directoryOf(flags));
  const progress = new CopyProgress(output);
  const { generation, copied } = await backUp(parts, hubConfig(flags).directory, target, progress);
  await progress.end(`${generation.name}: ${describeCopied(copied)}`);
  if (keep !== undefined) await target.prune(keep);
  if (progress.damaged === 0) return 0;
  await output.write(
    `The hub itself has no right bytes of ${progress.damaged} blobs: see cais hub fsck. All else is in the backup\n`,
  );
  return 1;
};

export const listBackups: ServerCommand = async (flags, _input, output) => {
  using source = await BackupDirectory.openToRead(directoryOf(flags));
  const rows = (await source.list()).map(
    ({ generation, manifest: { createdAt, blobs, damaged } }) =>
      `${generation.name}\t${createdAt}\t${blobs.count}\t${formatSize(blobs.bytes)}\t${damaged.length}\n`,
  );
  await output.write(alignTabs(`BACKUP\tCREATED\tBLOBS\tSIZE\tDAMAGED\n${rows.join('')}`));
  return 0;
};

export const pruneBackups: ServerCommand = async (flags, _input, output) => {
  const keep = keepOf(flags);
  if (keep === undefined) throw new InvalidError('how many are to stay? Give --keep NUMBER');
  // Makes nothing where there is nothing.
  (await BackupDirectory.openToRead(directoryOf(flags)))[Symbol.dispose]();
  using target = await BackupDirectory.openToWrite(directoryOf(flags));
  const { removed, bytes } = await target.prune(keep);
  await output.write(removed.map((name) => `${name}\n`).join(''));
  await output.write(`Total reclaimed space: ${formatSize(bytes)}\n`);
  return 0;
};

function directoryOf(flags: ServerFlags): string {
  return resolve(flags.args[0] ?? '');
}

/** @throws InvalidError for what is no number of backups, before anything is done. */
function keepOf(flags: ServerFlags): number | undefined {
  const given = text(flags, 'keep');
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(given)) return Number(given);
  throw new InvalidError('--keep takes a number of backups, at least 1');
}
