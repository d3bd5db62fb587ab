/** The commands of what administrators set for namespaces and repositories: quotas, retention, replication. */
import { exactly } from '../../command.ts';
import { string } from '../../flags.ts';
import { serverCommand } from './server-command.ts';

const tables = {
  data: string('Directory of the data (default "/var/lib/cais")'),
  database: string('postgres://… instead of an SQLite file'),
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
} as const;
