/** The commands of what administrators set for namespaces and repositories: quotas, retention, replication. */
import { exactly } from '../../command.ts';
import { bool, string } from '../../flags.ts';
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
  'hub replication ls': serverCommand('hub replication ls', '[OPTIONS]', tables),
  'hub replication add': serverCommand(
    'hub replication add',
    '[OPTIONS] NAME REPOSITORIES REGISTRY',
    {
      ...tables,
      tags: string('Pattern of the tags (default "*")'),
      prefix: string('What stands before the repositories there, as in mirror/'),
      username: string('Who the hub is to the registry'),
      'password-stdin': bool('Take the password from stdin'),
      'password-file': string("File with the password, in the hub's directory of secrets"),
      'interval-hours': string('Compare everything so often (default: only when asked to)'),
      'no-push': bool('Do not copy what is pushed at once'),
      deletions: bool('Delete there what is deleted here'),
      insecure: bool("The registry's certificate need not be valid"),
    },
    exactly(3),
    'Copy repositories to another registry: NAME is of the rule, REPOSITORIES a pattern as team/*, REGISTRY as https://registry.example',
  ),
  'hub replication rm': serverCommand('hub replication rm', '[OPTIONS] NAME', tables, exactly(1)),
  'hub replication run': serverCommand(
    'hub replication run',
    '[OPTIONS] NAME',
    tables,
    exactly(1),
    'Have the hub that serves compare everything of a rule, and try again what failed',
  ),
  'hub replication status': serverCommand(
    'hub replication status',
    '[OPTIONS] NAME',
    tables,
    exactly(1),
    'Show what is not copied yet, and why',
  ),
} as const;
