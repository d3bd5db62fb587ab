/** The commands that run or tend a server: their flags only. What they do comes from bin/, which knows engine and hub. */
import { type Command, exactly } from '../../command.ts';
import { bool, list, optionalBool, string } from '../../flags.ts';
import { accessFlags } from './access-flags.ts';
import { cacheCommands } from './cache-commands.ts';
import { keepingCommands } from './keeping-commands.ts';
import { ruleCommands } from './rule-commands.ts';
import { serverCommand } from './server-command.ts';
import { tlsFlags } from './tls-flags.ts';
import { reportingFlags } from './reporting-flags.ts';
import { upstreamFlags } from './upstream-flags.ts';
import { oidcFlags } from './oidc-flags.ts';
import { watchingFlags } from './watching-flags.ts';

const data = { data: string('Directory of the data (default "/var/lib/cais")') };
const run = { run: string('Directory of runtime files (default "/run/cais")') };
const engineFlags = {
  host: list('Address to serve: unix://SOCKET or tcp://HOST:PORT (default [unix:///run/cais/engine.sock])'),
  'insecure-registry': list('Registry that may speak plain HTTP'),
  'config-file': string('Settings file, with the keys of daemon.json (default "/etc/cais/engine.json")'),
  debug: optionalBool('Log what happens in detail'),
  label: list('Set key=value labels of the engine'),
  'metrics-addr': string("HOST:PORT to serve the engine's metrics at, for Prometheus"),
  tls: optionalBool('Use TLS on tcp addresses; implied by --tlsverify'),
  tlscacert: string('Trust client certificates signed only by this CA (default "~/.docker/ca.pem")'),
  tlscert: string('Path to TLS certificate file (default "~/.docker/cert.pem")'),
  tlskey: string('Path to TLS key file (default "~/.docker/key.pem")'),
  tlsverify: optionalBool('Use TLS and ask clients for a certificate'),
};
const hubFlags = {
  'public-url': string("The hub's address as browsers see it"),
  database: string('postgres://… instead of an SQLite file'),
  'database-pool': string('Most connections to PostgreSQL at a time (default "10")'),
  drain: string(
    'Time that a hub which is told to end still takes connections (default "0", with PostgreSQL "5s")',
  ),
  blobs: string('s3://bucket/prefix?endpoint=… instead of a directory'),
};
const grace = {
  'gc-grace': string('How long what nobody needs any more stays, as in 90s, 30m, 6h, 2d (default "24h")'),
};
const collection = {
  ...grace,
  'gc-interval': string('Time between two collections of garbage, or 0 for none (default "6h")'),
  'retention-interval': string('Time between two runs of a retention policy, or 0 for none (default "24h")'),
};
const log = {
  'log-level': string('debug, info, warn, error, silent (default "info")'),
  'log-format': string('json or text (default "json")'),
};

/** Something done to the one account that is named. */
function userCommand(path: string, long?: string): Command {
  return serverCommand(path, '[OPTIONS] NAME', { ...data, database: hubFlags.database }, exactly(1), long);
}

export type ServerPath = keyof typeof serverCommands;

export const serverCommands = {
  up: serverCommand('up', '[OPTIONS]', {
    ...data,
    ...run,
    ...engineFlags,
    ...hubFlags,
    ...tlsFlags,
    ...accessFlags,
    ...reportingFlags,
    ...upstreamFlags,
    ...oidcFlags,
    ...watchingFlags,
    ...collection,
    ...log,
    'hub-listen': string('Address of the hub (default "127.0.0.1:5000")'),
    seed: bool('Put the built-in images into the hub once it runs'),
  }),
  'engine serve': serverCommand('engine serve', '[OPTIONS]', {
    ...data,
    ...run,
    ...engineFlags,
    ...log,
    hub: string('Address of the hub that docker.io means (default "http://127.0.0.1:5000")'),
  }),
  'hub serve': serverCommand('hub serve', '[OPTIONS]', {
    ...data,
    ...hubFlags,
    ...tlsFlags,
    ...accessFlags,
    ...reportingFlags,
    ...upstreamFlags,
    ...oidcFlags,
    ...watchingFlags,
    ...collection,
    ...log,
    listen: string('Address to serve (default "127.0.0.1:5000")'),
  }),
  'hub seed': serverCommand('hub seed', '[OPTIONS]', {
    ...data,
    ...hubFlags,
    listen: string('Address of the hub (default "127.0.0.1:5000")'),
  }),
  'hub ready': serverCommand(
    'hub ready',
    '[OPTIONS]',
    { listen: string('Address of the hub (default "127.0.0.1:5000")') },
    exactly(0),
    'Ask whether the hub can serve: exit code 0 when it can',
  ),
  'hub migrate': serverCommand(
    'hub migrate',
    '[OPTIONS]',
    {
      ...data,
      to: string('postgres://… of an empty database (default: CAIS_HUB_DATABASE)'),
      cancel: bool('Give up a move that has not ended: the hub takes pushes again'),
    },
    exactly(0),
    'Move the database to PostgreSQL; the hub answers pulls meanwhile, and a move that was cut off goes on where it was',
  ),
  'hub gc': serverCommand(
    'hub gc',
    '[OPTIONS]',
    {
      ...data,
      database: hubFlags.database,
      blobs: hubFlags.blobs,
      ...grace,
      'dry-run': bool('Tell what would be removed, and remove nothing'),
      untagged: bool('Remove images that no tag names as well'),
    },
    exactly(0),
    'Remove what no image needs any more, also while the hub serves',
  ),
  'hub audit': serverCommand(
    'hub audit',
    '[OPTIONS]',
    {
      ...data,
      database: hubFlags.database,
      since: string('Entries from a time on: 24h, 2026-11-27, 2026-11-27T10:00:00Z'),
      until: string('Entries before a time'),
      account: string('Entries of the log of an account or organization'),
      actor: string('What an account did'),
      name: string("What was done to a repository's path, an organization, an account"),
      token: string('What was done with an access token, by its label'),
      address: string('What was done from an address'),
      outcome: string('done, or refused'),
      action: string('As in repo.tag.push; with a dot at its end all of a group, as in repo.'),
      format: string('csv, or json: an object in each line (default "json")'),
    },
    exactly(0),
    'Tell who did what on the hub, and who was refused what, the oldest first',
  ),
  'hub keys rotate': serverCommand(
    'hub keys rotate',
    '[OPTIONS]',
    {
      ...data,
      database: hubFlags.database,
      'end-old': bool('Refuse at once what older keys signed: clients get new tokens by themselves'),
    },
    exactly(0),
    'Sign registry tokens with a new key',
  ),
  'hub user add': serverCommand(
    'hub user add',
    '[OPTIONS] NAME',
    {
      ...data,
      database: hubFlags.database,
      email: string("The account's mail address"),
      'password-stdin': bool('Take the password from stdin'),
      admin: bool('Make an administrator'),
    },
    exactly(1),
  ),
  'hub user list': serverCommand('hub user list', '[OPTIONS]', { ...data, database: hubFlags.database }),
  'hub user passwd': serverCommand(
    'hub user passwd',
    '[OPTIONS] NAME',
    { ...data, database: hubFlags.database, 'password-stdin': bool('Take the password from stdin') },
    exactly(1),
  ),
  'hub user rm': userCommand('hub user rm'),
  'hub user promote': userCommand('hub user promote'),
  'hub user demote': userCommand('hub user demote'),
  'hub user disable-2fa': userCommand(
    'hub user disable-2fa',
    'Turn two-factor authentication off, for who lost the app and the recovery codes',
  ),
  'hub user sign-out': userCommand(
    'hub user sign-out',
    'End all sessions and refresh tokens of an account; its access tokens stay',
  ),
  'hub user invite': serverCommand(
    'hub user invite',
    '[OPTIONS]',
    {
      ...data,
      database: hubFlags.database,
      email: string('The only mail address that may sign up with it'),
    },
    exactly(0),
    'Make an invitation: a word that is good for one sign-up, within a week',
  ),
  ...keepingCommands,
  ...ruleCommands,
  ...cacheCommands,
} as const;
