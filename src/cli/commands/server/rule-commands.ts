/** The commands of what administrators set for namespaces and repositories: quotas, retention, replication. */
import { exactly } from '../../command.ts';
import { string } from '../../flags.ts';
import { serverCommand } from './server-command.ts';

const tables = {
  data: string('Directory of the data (default "/var/lib/cais")'),
  database: string('postgres://… instead of an SQLite file'),
};

const grace = {
  'gc-grace': string('How long deleted tags can be brought back, as in 90s, 30m, 6h, 2d (default "24h")'),
};

export const ruleCommands = {
  'hub quota ls': serverCommand('hub quota ls', '[OPTIONS]', tables),
  'hub quota set': serverCommand(
    'hub quota set',
    '[OPTIONS] NAMESPACE SIZE|none',
    tables,
    exactly(2),
    'Limit what a namespace may hold, as in 500MB or 20GB; what is there stays',
  ),
  'hub quota default': serverCommand(
    'hub quota default',
    '[OPTIONS] SIZE|none',
    tables,
    exactly(1),
    'Set the quota of accounts and organizations that are made from here on',
  ),
  'hub retention ls': serverCommand('hub retention ls', '[OPTIONS]', tables),
  'hub retention preview': serverCommand(
    'hub retention preview',
    '[OPTIONS] NAMESPACE[/REPOSITORY]',
    { ...tables, ...grace },
    exactly(1),
    'Tell what the retention policy would remove, and why the rest stays; removes nothing',
  ),
  'hub retention run': serverCommand(
    'hub retention run',
    '[OPTIONS] NAMESPACE[/REPOSITORY]',
    { ...tables, ...grace },
    exactly(1),
    'Remove what the retention policy does not keep; tags can be brought back as those that somebody deleted',
  ),
} as const;
