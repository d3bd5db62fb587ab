/** The commands of what administrators set for namespaces and repositories: quotas, retention, replication. */
import { between, exactly } from '../../command.ts';
import { bool, list, optionalBool, string } from '../../flags.ts';
import { serverCommand } from './server-command.ts';

const tables = {
  data: string('Directory of the data (default "/var/lib/cais")'),
  database: string('postgres://… instead of an SQLite file'),
};

const grace = {
  'gc-grace': string('How long deleted tags can be brought back, as in 90s, 30m, 6h, 2d (default "24h")'),
};

const counts = {
  repositories: string('How many repositories there may be, or none for no limit'),
  'private-repositories': string('How many of them may be private, or none for no limit'),
};

const webhook = {
  format: string('docker, which tells of pushes, or cloudevents (default "docker")'),
  event: list('What is told: push, delete, restore, repository (default push)'),
};

export const ruleCommands = {
  'hub quota ls': serverCommand('hub quota ls', '[OPTIONS]', tables),
  'hub quota set': serverCommand(
    'hub quota set',
    '[OPTIONS] NAMESPACE [SIZE|none]',
    { ...tables, ...counts },
    between(1, 2),
    'Limit what a namespace may hold, as in 500MB or 20GB, and how many repositories it may have; what is there stays',
  ),
  'hub quota default': serverCommand(
    'hub quota default',
    '[OPTIONS] [SIZE|none]',
    { ...tables, ...counts },
    between(0, 1),
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
  'hub retention set': serverCommand(
    'hub retention set',
    '[OPTIONS] NAMESPACE[/REPOSITORY]',
    {
      ...tables,
      latest: list('Keep so many, by their last push: N, or PATTERN=N'),
      'pushed-within': list('Keep what was pushed within so many days: N, or PATTERN=N'),
      'pulled-within': list('Keep what was pulled within so many days: N, or PATTERN=N'),
      always: list('Keep what matches the pattern'),
      'untagged-days': string('Remove images without a tag after so many days'),
      manual: bool('Only run when asked to'),
    },
    exactly(1),
    'Set which tags are kept, in place of what was set before: a tag stays when any of the rules keeps it, and without a rule all stay. Nothing is removed at once',
  ),
  'hub retention rm': serverCommand(
    'hub retention rm',
    '[OPTIONS] NAMESPACE[/REPOSITORY]',
    tables,
    exactly(1),
    "Remove a retention policy: a repository's own gives way to the namespace's",
  ),
  'hub webhook ls': serverCommand(
    'hub webhook ls',
    '[OPTIONS] [NAMESPACE[/REPOSITORY]]',
    tables,
    between(0, 1),
  ),
  'hub webhook add': serverCommand(
    'hub webhook add',
    '[OPTIONS] NAMESPACE[/REPOSITORY] NAME URL',
    { ...tables, ...webhook },
    exactly(3),
    "Tell an address what happens to a repository, or in a namespace. Prints the webhook's id, and the secret that signs what is sent, which is not shown again",
  ),
  'hub webhook set': serverCommand(
    'hub webhook set',
    '[OPTIONS] WEBHOOK',
    {
      ...tables,
      ...webhook,
      name: string('What it is called'),
      url: string('Where it leads'),
      active: optionalBool('Whether anything is sent'),
      'new-secret': bool('Make another secret and print it'),
    },
    exactly(1),
    'Change a webhook: what is not given stays. WEBHOOK is its id, or the beginning of it',
  ),
  'hub webhook rm': serverCommand(
    'hub webhook rm',
    '[OPTIONS] WEBHOOK',
    tables,
    exactly(1),
    'Remove a webhook, with what waits to be sent',
  ),
  'hub webhook deliveries': serverCommand(
    'hub webhook deliveries',
    '[OPTIONS] WEBHOOK',
    tables,
    exactly(1),
    'List what a webhook sent last, and what came of it',
  ),
  'hub webhook redeliver': serverCommand(
    'hub webhook redeliver',
    '[OPTIONS] WEBHOOK DELIVERY',
    tables,
    exactly(2),
    'Have the hub that serves send a delivery once more, with the same id',
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
