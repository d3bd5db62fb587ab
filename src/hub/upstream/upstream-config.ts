/** Which registries the hub takes images from that it does not have, and as how much of what. Part of config.ts. */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { InvalidError, messageOf } from '../../lib/errors.ts';
import { parseBytes } from '../../lib/quantities.ts';
import { anonymous, type Credentials } from '../../oci/distribution/credentials.ts';
import { isLoopback } from '../../oci/distribution/endpoint.ts';
import { defaultDomain, isRepositoryPath } from '../../oci/image/reference.ts';
import { readDuration } from '../duration.ts';
import { Networks } from '../limits/client-address.ts';
import { secretSettingReader, settingReader } from '../setting-reader.ts';

export interface UpstreamFlags {
  readonly registries?: readonly string[] | undefined;
  readonly file?: string | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  readonly size?: string | undefined;
  readonly age?: string | undefined;
  readonly transfers?: string | undefined;
  readonly reach?: readonly string[] | undefined;
}

export interface UpstreamRegistry {
  /** What images have it by: `docker.io`, `ghcr.io`. */
  readonly name: string;
  readonly url: URL;
  readonly credentials: Credentials;
}

export interface UpstreamConfig {
  /** None: nothing is taken from elsewhere. */
  readonly registries: readonly UpstreamRegistry[];
  /** Patterns of what may be taken, as in `docker.io/library/*`; none: everything. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** Of all that was taken, in bytes. Infinity: no limit. */
  readonly maxSize: number;
  /** In milliseconds: how long a tag is believed before upstream is asked whether it has moved. */
  readonly tagAge: number;
  /** Blobs on their way from one registry at once. */
  readonly transfers: number;
  /** Private networks that registries may lead the hub to. */
  readonly reach: Networks;
}

const dockerHub = 'https://registry-1.docker.io';
const defaultSize = 20 * 2 ** 30;
const defaultAge = 5 * 60_000;
const defaultTransfers = 16;

/** Of one registry: the runtime has 256 requests of a process under way at once. */
const maxTransfers = 100;

const fileSchema = z.strictObject({
  upstreams: z.record(
    z.string(),
    z.strictObject({
      url: z.string().optional(),
      username: z.string().min(1),
      password: z.string().min(1),
    }),
  ),
});
type UpstreamFile = z.infer<typeof fileSchema>['upstreams'];

/** @throws InvalidError naming the flag or the variable that is wrong. Addresses are not repeated, they may hold a password. */
export function readUpstreamConfig(
  flags: UpstreamFlags,
  env: Readonly<Record<string, string | undefined>>,
): UpstreamConfig {
  const read = settingReader(env);
  const file = read('--upstream-file', 'CAIS_HUB_UPSTREAM_FILE', flags.file, readFile) ?? {};
  const registries = joined(flags.registries) ?? (env['CAIS_HUB_UPSTREAM'] || dockerHub);
  return {
    registries:
      secretSettingReader(env)('--upstream', 'CAIS_HUB_UPSTREAM', registries, (text) =>
        readRegistries(words(text), file),
      ) ?? [],
    allow: read('--upstream-allow', 'CAIS_HUB_UPSTREAM_ALLOW', joined(flags.allow), words) ?? [],
    deny: read('--upstream-deny', 'CAIS_HUB_UPSTREAM_DENY', joined(flags.deny), words) ?? [],
    maxSize: read('--upstream-size', 'CAIS_HUB_UPSTREAM_SIZE', flags.size, readSize) ?? defaultSize,
    tagAge: read('--upstream-age', 'CAIS_HUB_UPSTREAM_AGE', flags.age, readDuration) ?? defaultAge,
    transfers:
      read('--upstream-transfers', 'CAIS_HUB_UPSTREAM_TRANSFERS', flags.transfers, readTransfers) ??
      defaultTransfers,
    reach:
      read('--upstream-reach', 'CAIS_HUB_UPSTREAM_REACH', joined(flags.reach), readNetworks) ??
      new Networks([]),
  };
}

/** What several may be given of is separated by spaces or commas in the environment. */
function words(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function joined(given: readonly string[] | undefined): string | undefined {
  return given?.length ? given.join(',') : undefined;
}

function readRegistries(texts: readonly string[], file: UpstreamFile): readonly UpstreamRegistry[] {
  const urls = new Map<string, URL>();
  if (!(texts.length === 1 && texts[0] === 'none')) {
    for (const [name, { url }] of Object.entries(file)) if (url !== undefined) urls.set(name, readUrl(url));
    for (const text of texts) addRegistry(urls, text);
  }
  for (const name of urls.keys()) requireName(name);
  const unknown = Object.keys(file).find((name) => !urls.has(name));
  if (unknown !== undefined && urls.size > 0)
    throw new InvalidError(`there are credentials for ${unknown}, and no address of it`);
  return [...urls].map(([name, url]) => ({ name, url, credentials: credentialsOf(file[name], url) }));
}

/** `https://registry-1.docker.io` is docker.io; others say their name: `ghcr.io=https://ghcr.io`. */
function addRegistry(urls: Map<string, URL>, text: string): void {
  const [, name = defaultDomain, address = ''] = /^(?:([^/:=]+)=)?(.*)$/s.exec(text) ?? [];
  if (address === 'none') throw new InvalidError('none stands alone');
  urls.set(name, readUrl(address));
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  const isPlace = url?.pathname === '/' && url.search === '' && url.hash === '';
  if (!url || !isPlace || !/^https?:$/.test(url.protocol)) {
    throw new InvalidError(
      'an address like https://registry-1.docker.io or ghcr.io=https://ghcr.io is expected, or none',
    );
  }
  if (url.username === '' && url.password === '') return url;
  throw new InvalidError('credentials belong into the file that --upstream-file names, not into an address');
}

/** It is the first part of paths, where an account's name never holds a dot. */
function requireName(name: string): void {
  if (!isRepositoryPath(name) || name.includes('/') || !name.includes('.'))
    throw new InvalidError(
      `${JSON.stringify(name)} is no name of a registry as it stands in images: ghcr.io`,
    );
}

function credentialsOf(given: UpstreamFile[string] | undefined, url: URL): Credentials {
  if (!given) return anonymous;
  if (url.protocol !== 'https:' && !isLoopback(url.hostname))
    throw new InvalidError(`credentials are sent by https only, not to ${url.origin}`);
  return { kind: 'password', username: given.username, password: given.password };
}

function readFile(path: string): UpstreamFile {
  let text: string;
  try {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0)
      throw new InvalidError(`${path} holds passwords and may be read by others: chmod 600 it`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof InvalidError) throw error;
    throw new InvalidError(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is wrong with it would be told with a piece of it.
    throw new InvalidError(`${path} is not JSON`);
  }
  const read = fileSchema.safeParse(value);
  if (read.success) return read.data.upstreams;
  const [issue] = read.error.issues;
  throw new InvalidError(`${path}: ${issue?.path.join('.')}: ${issue?.message}`);
}

function readSize(text: string): number {
  if (text === 'none') return Infinity;
  const bytes = parseBytes(text);
  if (bytes <= 0) throw new InvalidError('a size like 500m or 20g is expected, or none');
  return bytes;
}

function readTransfers(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count > 0 && count <= maxTransfers) return count;
  throw new InvalidError(`a number of transfers from 1 to ${maxTransfers} is expected`);
}

function readNetworks(text: string): Networks {
  return new Networks(words(text));
}
