/** The hub's configuration: flags over environment over defaults, validated and frozen before anything starts. */
import { join } from 'node:path';
import { z } from 'zod';
import { InvalidError } from '../lib/errors.ts';
import type { PostgresAddress } from './db/postgres-address.ts';
import { readPostgresTls } from './db/postgres-tls.ts';
import { readDuration } from './duration.ts';
import { type ListenAddress, readListenAddress } from './listen-address.ts';
import { readSecretsKey } from './secrets/secrets.ts';
import { asIs, secretSettingReader, settingReader } from './setting-reader.ts';
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

type Environment = Readonly<Record<string, string | undefined>>;

const defaultListen: ListenAddress = { hostname: '127.0.0.1', port: 5000 };
const defaultPool = 10;
const [hour, day] = [3_600_000, 86_400_000];

/** @throws InvalidError naming the flag or the variable that is wrong. */
export function readHubConfig(flags: HubFlags = {}, env: Environment = process.env): HubConfig {
  const read = settingReader(env);
  const secret = secretSettingReader(env);
  const directory = join(read('--data', 'CAIS_DATA', flags.data, asIs) ?? '/var/lib/cais', 'hub');
  const postgres = readPostgres(flags, env);
  return Object.freeze({
    directory,
    databasePath: join(directory, 'hub.sqlite'),
    postgres,
    contentDirectory: directory,
    objectStore: secret('--blobs', 'CAIS_HUB_BLOBS', flags.blobs, (text) => readS3Config(text, env)),
    keysDirectory: join(directory, 'keys'),
    // No flag: whoever sees the machine's processes reads those.
    secretsKey: secret(undefined, 'CAIS_HUB_SECRETS_KEY', undefined, readSecretsKey),
    secretsDirectory: join(directory, 'secrets'),
    layerListsDirectory: join(directory, 'layer-lists'),
    listen: read('--listen', 'CAIS_HUB_LISTEN', flags.listen, readListenAddress) ?? defaultListen,
    tls: readTlsConfig(flags.tls ?? {}, env),
    publicUrl: read('--public-url', 'CAIS_HUB_PUBLIC_URL', flags.publicUrl, readPublicUrl),
    access: readAccessConfig(flags.access ?? {}, env),
    // A hub that is alone has nobody to leave its clients to.
    drain: drainTimes(read('--drain', 'CAIS_HUB_DRAIN', flags.drain, readDuration) ?? (postgres ? 5000 : 0)),
    reporting: readReportingConfig(flags.reporting ?? {}, env),
    upstream: readUpstreamConfig(flags.upstream ?? {}, env),
    oidc: readOidcConfig(flags.oidc ?? {}, env),
    watching: readWatchingConfig(flags.watching ?? {}, env),
    garbage: {
      grace: read('--gc-grace', 'CAIS_HUB_GC_GRACE', flags.gcGrace, readDuration) ?? day,
      interval: read('--gc-interval', 'CAIS_HUB_GC_INTERVAL', flags.gcInterval, readDuration) ?? 6 * hour,
    },
    retentionInterval:
      read('--retention-interval', 'CAIS_HUB_RETENTION_INTERVAL', flags.retentionInterval, readDuration) ??
      day,
  });
}

function readPostgres(flags: HubFlags, env: Environment): PostgresAddress | undefined {
  const secret = secretSettingReader(env);
  const poolSize =
    settingReader(env)('--database-pool', 'CAIS_HUB_DATABASE_POOL', flags.databasePool, readPoolSize) ??
    defaultPool;
  return secret('--database', 'CAIS_HUB_DATABASE', flags.database, (text) => {
    if (!/^postgres(?:ql)?:\/\//.test(text))
      throw new InvalidError('an address like postgres://USER@HOST/DATABASE is expected');
    return { ...readPostgresTls(text, env), password: env['PGPASSWORD'], poolSize };
  });
}

function readPoolSize(text: string): number {
  const size = Number(text);
  if (Number.isInteger(size) && size >= 2 && size <= 1000) return size;
  throw new InvalidError('a number of connections is expected, from 2 to 1000');
}

function readPublicUrl(text: string): string {
  const url = z.url({ protocol: /^https?$/ }).safeParse(text);
  if (!url.success) throw new InvalidError('an address like https://hub.example is expected');
  return url.data.replace(/\/+$/, '');
}

function drainTimes(listening: number): DrainTimes {
  return { listening, ending: listening > 0 ? 20_000 : 2000 };
}
