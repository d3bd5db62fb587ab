/** The commands that run or tend a server: their flags only. What they do comes from bin/, which knows engine and hub. */
import { type ArgumentCount, type Command, defineCommand, exactly } from '../../command.ts';
import { UnsupportedError } from '../../../lib/errors.ts';
import { bool, type FlagTable, list, string } from '../../flags.ts';

const data = { data: string('Directory of the data (default "/var/lib/cais")') };
const run = { run: string('Directory of runtime files (default "/run/cais")') };
const engineFlags = {
  host: list('Address to serve: unix://SOCKET or tcp://HOST:PORT (default [unix:///run/cais/engine.sock])'),
  'insecure-registry': list('Registry that may speak plain HTTP'),
};
const hubFlags = {
  'public-url': string("The hub's address as browsers see it"),
  database: string('postgres://… instead of an SQLite file'),
  blobs: string('s3://bucket/prefix?endpoint=… instead of a directory'),
  upstream: string(
    'Registry for public images the hub does not have, or "none" (default "https://registry-1.docker.io")',
  ),
};
const grace = {
  'gc-grace': string('How long what nobody needs any more stays, as in 90s, 30m, 6h, 2d (default "24h")'),
};
const collection = {
  ...grace,
  'gc-interval': string('Time between two collections of garbage, or 0 for none (default "6h")'),
};
const logLevel = { 'log-level': string('debug, info, warn, error, silent (default "info")') };

function serverCommand(
  path: string,
  usage: string,
  flags: FlagTable,
  count: ArgumentCount = exactly(0),
  long?: string,
): Command {
  return defineCommand({
    usage,
    ...(long !== undefined && { long }),
    flags,
    count,
    completes: 'none',
    run: async ({ context, flags: values, args }) => {
      const load = context.servers[path];
      if (!load) throw new UnsupportedError(`this program was built without 'cais ${path}'`);
      const command = await load();
      return await command({ ...values, args }, context.input, context.out);
    },
  });
}

export type ServerPath = keyof typeof serverCommands;

export const serverCommands = {
  up: serverCommand('up', '[OPTIONS]', {
    ...data,
    ...run,
    ...engineFlags,
    ...hubFlags,
    ...collection,
    ...logLevel,
    'hub-listen': string('Address of the hub (default "127.0.0.1:5000")'),
    seed: bool('Put the built-in images into the hub once it runs'),
  }),
  'engine serve': serverCommand('engine serve', '[OPTIONS]', {
    ...data,
    ...run,
    ...engineFlags,
    ...logLevel,
    hub: string('Address of the hub that docker.io means (default "http://127.0.0.1:5000")'),
  }),
  'hub serve': serverCommand('hub serve', '[OPTIONS]', {
    ...data,
    ...hubFlags,
    ...collection,
    ...logLevel,
    listen: string('Address to serve (default "127.0.0.1:5000")'),
  }),
  'hub seed': serverCommand('hub seed', '[OPTIONS]', {
    ...data,
    ...hubFlags,
    listen: string('Address of the hub (default "127.0.0.1:5000")'),
  }),
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
  'hub user rm': serverCommand(
    'hub user rm',
    '[OPTIONS] NAME',
    { ...data, database: hubFlags.database },
    exactly(1),
  ),
} as const;
