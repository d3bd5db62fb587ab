/** The hub's configuration: flags over environment over defaults, validated and frozen before anything starts. */
import { join } from 'node:path';
import { z } from 'zod';
import { InvalidError, messageOf } from '../lib/errors.ts';
import type { PostgresAddress } from './db/postgres-address.ts';
import { readPostgresTls } from './db/postgres-tls.ts';
import { type ListenAddress, parseListen } from './listen-address.ts';
import { readSecretsKey } from './secrets/secrets.ts';
import { readS3Config, type S3Config } from './storage/s3-config.ts';
import type { DrainTimes } from './draining.ts';
import { readTlsConfig, type TlsConfig, type TlsFlags } from './tls/tls-config.ts';
import { type OidcConfig, type OidcFlags, readOidcConfig } from './oidc/oidc-config.ts';
import { readWatchingConfig, type WatchingConfig, type WatchingFlags } from './watching/watching-config.ts';
import { type AccessConfig, type AccessFlags, readAccessConfig } from './access-config.ts';
import { readReportingConfig, type ReportingConfig, type ReportingFlags } from './reporting-config.ts';
import { readUpstreamConfig, type UpstreamConfig, type UpstreamFlags } from './upstream/upstream-config.ts';

/** What the command line gives; each wins over its environment variable. */
export interface HubFlags {
  readonly data?: string | undefined;
  readonly listen?: string | undefined;
  readonly publicUrl?: string | undefined;
  readonly database?: string | undefined;
  readonly databasePool?: string | undefined;
  readonly blobs?: string | undefined;
  readonly upstream?: UpstreamFlags;
  readonly tls?: TlsFlags;
  readonly access?: AccessFlags;
  readonly reporting?: ReportingFlags;
  readonly oidc?: OidcFlags;
  readonly watching?: WatchingFlags;
  readonly gcGrace?: string | undefined;
  readonly gcInterval?: string | undefined;
  readonly drain?: string | undefined;
  readonly retentionInterval?: string | undefined;
}

export interface HubConfig {
  /** All of the hub's files. */
  readonly directory: string;
  readonly databasePath: string;
  /** Where the database is, when it is not the file of `databasePath`. */
  readonly postgres: PostgresAddress | undefined;
  /** Of the blobs, unless they are objects of a store. */
  readonly contentDirectory: string;
  readonly objectStore: S3Config | undefined;
  /** Where the key is that seals secrets, and older hubs had those that sign tokens. */
  readonly keysDirectory: string;
  /** The key that seals secrets, where it is no file. */
  readonly secretsKey: Buffer | undefined;
  /** Where passwords are that rules take from files. */
  readonly secretsDirectory: string;
  readonly layerListsDirectory: string;
  readonly listen: ListenAddress;
  /** Undefined: plain HTTP. */
  readonly tls: TlsConfig | undefined;
  /** Where clients reach the hub, without a slash at its end; undefined: wherever a request says it came to. */
  readonly publicUrl: string | undefined;
  readonly access: AccessConfig;
  readonly drain: DrainTimes;
  readonly reporting: ReportingConfig;
  readonly upstream: UpstreamConfig;
  /** By whom people sign in, where there is one. */
  readonly oidc: OidcConfig | undefined;
  readonly watching: WatchingConfig;
  /** In milliseconds. */
  readonly garbage: {
    /** How long what nobody needs any more stays: longer than any push takes from its first look to its manifest. */
    readonly grace: number;
    /** Between two collections; 0: only when asked to. */
    readonly interval: number;
  };
  /** In milliseconds, between two runs of a retention policy; 0: only when asked to. */
  readonly retentionInterval: number;
}

interface Setting {
  readonly flag: string;
  readonly variable: string;
  readonly value: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultData = '/var/lib/cais';
const defaultListen = '127.0.0.1:5000';
const defaultPool = '10';

/** @throws InvalidError naming the flag or the variable that is wrong. */
export function readHubConfig(flags: HubFlags = {}, env: Environment = process.env): HubConfig {
  const setting = (flag: string, variable: string, given: string | undefined): Setting => ({
    flag,
    variable,
    value: given ?? (env[variable] || undefined),
  });
  const data = setting('--data', 'CAIS_DATA', flags.data).value ?? defaultData;
  const directory = join(data, 'hub');
  const postgres = readPostgres(
    setting('--database', 'CAIS_HUB_DATABASE', flags.database),
    setting('--database-pool', 'CAIS_HUB_DATABASE_POOL', flags.databasePool),
    env,
  );
  return Object.freeze({
    directory,
    databasePath: join(directory, 'hub.sqlite'),
    postgres,
    contentDirectory: directory,
    objectStore: readBlobs(setting('--blobs', 'CAIS_HUB_BLOBS', flags.blobs), env),
    keysDirectory: join(directory, 'keys'),
    secretsKey: readKey(env['CAIS_HUB_SECRETS_KEY']),
    secretsDirectory: join(directory, 'secrets'),
    layerListsDirectory: join(directory, 'layer-lists'),
    listen: readListen(setting('--listen', 'CAIS_HUB_LISTEN', flags.listen)),
    tls: readTlsConfig(flags.tls ?? {}, env),
    publicUrl: readPublicUrl(setting('--public-url', 'CAIS_HUB_PUBLIC_URL', flags.publicUrl)),
    access: readAccessConfig(flags.access ?? {}, env),
    drain: readDrain(setting('--drain', 'CAIS_HUB_DRAIN', flags.drain), postgres !== undefined),
    reporting: readReportingConfig(flags.reporting ?? {}, env),
    upstream: readUpstream(flags.upstream ?? {}, env),
    oidc: readOidcConfig(flags.oidc ?? {}, env),
    watching: readWatchingConfig(flags.watching ?? {}, env, (flag, variable, value) =>
      readListen({ flag, variable, value }),
    ),
    garbage: {
      grace: readDuration(setting('--gc-grace', 'CAIS_HUB_GC_GRACE', flags.gcGrace), '24h'),
      interval: readDuration(setting('--gc-interval', 'CAIS_HUB_GC_INTERVAL', flags.gcInterval), '6h'),
    },
    retentionInterval: readDuration(
      setting('--retention-interval', 'CAIS_HUB_RETENTION_INTERVAL', flags.retentionInterval),
      '24h',
    ),
  });
}

/** The address is not told again: somebody may have put keys into it. */
/** No flag: whoever sees the machine's processes reads those. @throws InvalidError */
function readKey(text: string | undefined): Buffer | undefined {
  if (!text) return undefined;
  try {
    return readSecretsKey(text);
  } catch (cause) {
    throw new InvalidError(`invalid value for CAIS_HUB_SECRETS_KEY: ${messageOf(cause)}`, { cause });
  }
}

function readBlobs({ flag, variable, value }: Setting, env: Environment): S3Config | undefined {
  if (value === undefined) return undefined;
  try {
    return readS3Config(value, env);
  } catch (error) {
    throw new InvalidError(`invalid value for ${flag} (${variable}): ${messageOf(error)}`, { cause: error });
  }
}

function readListen(setting: Setting): ListenAddress {
  const address = parseListen(setting.value ?? defaultListen);
  if (!address) throw wrong(setting, 'HOST:PORT is expected, as in 127.0.0.1:5000');
  return address;
}

/** @throws InvalidError that doesn't repeat the address: it may hold a password. */
function readPostgres(database: Setting, pool: Setting, env: Environment): PostgresAddress | undefined {
  const poolSize = Number(pool.value ?? defaultPool);
  if (!Number.isInteger(poolSize) || poolSize < 2 || poolSize > 1000) {
    throw wrong(pool, 'a number of connections is expected, from 2 to 1000');
  }
  if (database.value === undefined) return undefined;
  if (!/^postgres(?:ql)?:\/\//.test(database.value)) {
    throw wrong({ ...database, value: '…' }, 'an address like postgres://USER@HOST/DATABASE is expected');
  }
  return { ...readPostgresTls(database.value, env), password: env['PGPASSWORD'], poolSize };
}

function readPublicUrl(setting: Setting): string | undefined {
  if (setting.value === undefined) return undefined;
  const url = z.url({ protocol: /^https?$/ }).safeParse(setting.value);
  if (!url.success) throw wrong(setting, 'an address like https://hub.example is expected');
  return url.data.replace(/\/+$/, '');
}

/** A hub that is alone has nobody to leave its clients to. */
function readDrain(given: Setting, hasCopies: boolean): DrainTimes {
  const listening = readDuration(given, hasCopies ? '5s' : '0');
  return { listening, ending: listening > 0 ? 20_000 : 2000 };
}

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** What a timer takes. */
const maxDuration = 24 * units.d;

function readDuration(setting: Setting, fallback: string): number {
  const match = /^(\d{1,9})([smhd])$|^0$/.exec(setting.value ?? fallback);
  const duration = Number(match?.[1] ?? 0) * units[(match?.[2] ?? 's') as keyof typeof units];
  if (match && duration <= maxDuration) return duration;
  throw wrong(setting, 'a time like 90s, 30m, 6h or 2d is expected, at most 24d');
}

/** What several may be given of is separated by spaces or commas in the environment. */
function readUpstream(flags: UpstreamFlags, env: Environment): UpstreamConfig {
  const texts = (given: readonly string[] | undefined, variable: string): readonly string[] =>
    given?.length ? given : (env[variable] ?? '').split(/[\s,]+/).filter(Boolean);
  const age = { flag: '--upstream-age', variable: 'CAIS_HUB_UPSTREAM_AGE' };
  const tagAge = readDuration({ ...age, value: flags.age ?? (env[age.variable] || undefined) }, '5m');
  try {
    const registries = texts(flags.registries, 'CAIS_HUB_UPSTREAM');
    const allow = texts(flags.allow, 'CAIS_HUB_UPSTREAM_ALLOW');
    const deny = texts(flags.deny, 'CAIS_HUB_UPSTREAM_DENY');
    const file = flags.file ?? (env['CAIS_HUB_UPSTREAM_FILE'] || undefined);
    const size = flags.size ?? (env['CAIS_HUB_UPSTREAM_SIZE'] || undefined);
    const transfers = flags.transfers ?? (env['CAIS_HUB_UPSTREAM_TRANSFERS'] || undefined);
    return readUpstreamConfig({ registries, allow, deny, file, size, transfers }, tagAge);
  } catch (error) {
    throw new InvalidError(`invalid --upstream setting (CAIS_HUB_UPSTREAM): ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function wrong({ flag, variable, value }: Setting, reason: string): InvalidError {
  return new InvalidError(`invalid value ${JSON.stringify(value)} for ${flag} (${variable}): ${reason}`);
}
