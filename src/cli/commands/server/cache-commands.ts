/** The commands of what the hub keeps of images from other registries. */
import { atLeast, exactly } from '../../command.ts';
import { bool, string } from '../../flags.ts';
import { serverCommand } from './server-command.ts';

const tables = {
  data: string('Directory of the data (default "/var/lib/cais")'),
  database: string('postgres://… instead of an SQLite file'),
};
const blobs = { blobs: string('s3://bucket/prefix?endpoint=… instead of a directory') };

export const cacheCommands = {
  'hub cache ls': serverCommand('hub cache ls', '[OPTIONS]', tables),
  'hub cache rm': serverCommand(
    'hub cache rm',
    '[OPTIONS] NAME[:TAG] [NAME[:TAG]...]',
    { ...tables, ...blobs },
    atLeast(1),
    'Remove repositories from the cache, or tags, which are then asked for again when they are pulled',
  ),
  'hub cache prune': serverCommand(
    'hub cache prune',
    '[OPTIONS]',
    {
      ...tables,
      ...blobs,
      until: string('Remove what was not pulled for so long, as in 30m or 168h (default "24h")'),
      all: bool('Remove everything'),
    },
    exactly(0),
    'Remove from the cache what was not pulled for a time, also while the hub serves',
  ),
} as const;
