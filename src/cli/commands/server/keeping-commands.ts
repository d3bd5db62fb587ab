/** The commands that copy a hub, check it, and bring repositories in and out as files. */
import { atLeast, exactly } from '../../command.ts';
import { bool, string } from '../../flags.ts';
import { serverCommand } from './server-command.ts';

const stores = {
  data: string('Directory of the data (default "/var/lib/cais")'),
  database: string('postgres://… instead of an SQLite file'),
  blobs: string('s3://bucket/prefix?endpoint=… instead of a directory'),
};

export const keepingCommands = {
  'hub fsck': serverCommand(
    'hub fsck',
    '[OPTIONS]',
    {
      ...stores,
      quick: bool("Do not read blobs: a disk's changed bytes are not found"),
      repair: bool('Repair what can be repaired without losing anything, and tell what was done'),
      remove: bool('The old name of --repair', undefined, false, { hidden: true, aliasOf: 'repair' }),
      format: string('"json": a line of JSON for each problem, and one of totals at the end'),
    },
    exactly(0),
    'Check that every image is whole: tags, manifests, blobs and their bytes. Works while the hub serves; ends with 1 when something is wrong',
  ),
  'hub backup': serverCommand(
    'hub backup',
    '[OPTIONS] DIRECTORY',
    { ...stores, keep: string('Remove all but so many backups afterwards') },
    exactly(1),
    "Copy the hub into a directory of backups, while it serves. What earlier backups in it have of blobs is not copied again. It holds secrets: password hashes and keys. 'cais hub backup ls DIRECTORY' lists the backups, 'cais hub backup prune --keep N DIRECTORY' removes the oldest",
  ),
  'hub backup ls': serverCommand('hub backup ls', 'DIRECTORY', {}, exactly(1)),
  'hub backup prune': serverCommand(
    'hub backup prune',
    '--keep NUMBER DIRECTORY',
    { keep: string('How many of the newest stay') },
    exactly(1),
  ),
  'hub restore': serverCommand(
    'hub restore',
    '[OPTIONS] DIRECTORY',
    { ...stores, generation: string('The backup to take, as ls names it (default the newest)') },
    exactly(1),
    'Make a hub of a backup where there is none, with the database and the blob store that the flags name. One that was cut off goes on when it is run again',
  ),
  'hub export': serverCommand(
    'hub export',
    '[OPTIONS] NAME[:TAG|@DIGEST] [NAME...]',
    { ...stores, output: string('A file, or a directory where it ends in a slash or is one', 'o') },
    atLeast(1),
    'Write repositories with their tags and what is said about them, or single images, as an OCI image layout: a tar archive or a directory',
  ),
  'hub import': serverCommand(
    'hub import',
    '[OPTIONS] FILE|DIRECTORY',
    {
      ...stores,
      into: string('The repository for all that is in it, or REPOSITORY:TAG for what has no name'),
    },
    exactly(1),
    'Push what is in an OCI image layout, a tar archive or a directory, under the names that it has there',
  ),
} as const;
