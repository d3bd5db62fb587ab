/** Where blobs are kept in an object store: `--blobs s3://BUCKET/PREFIX?endpoint=…`, and the keys to it, which come by other ways. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InvalidError } from '../../lib/errors.ts';
import { parseDuration } from '../../lib/quantities.ts';

interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface S3Config {
  /** `https://host/bucket` or `https://bucket.host`, without a slash at its end. */
  readonly bucketUrl: string;
  /** The same as clients of the hub reach it. */
  readonly publicBucketUrl: string;
  readonly bucket: string;
  /** Of every key: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly downloads: 'redirect' | 'stream';
  /** In milliseconds: of a request that has little to send, without an answer. */
  readonly timeout: number;
  readonly credentials: S3Credentials;
}

type Environment = Readonly<Record<string, string | undefined>>;

const bucketForm = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const prefixForm = /^(?:[\w-][\w.-]*\/)*$/;
const settings = ['endpoint', 'public-endpoint', 'region', 'addressing', 'downloads', 'timeout'] as const;
type Setting = (typeof settings)[number];

/** @throws InvalidError that says what is wrong; no secret is in it. */
export function readS3Config(text: string, env: Environment): S3Config {
  const url = URL.parse(text);
  if (url?.protocol !== 's3:')
    throw new InvalidError('an address like s3://bucket/prefix?endpoint=https://s3.example is expected');
  if (url.username || url.password)
    throw new InvalidError('keys belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  const bucket = url.hostname;
  if (!bucketForm.test(bucket)) throw new InvalidError(`${JSON.stringify(bucket)} is no name of a bucket`);
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  const prefix = path && `${path}/`;
  if (!prefixForm.test(prefix)) throw new InvalidError('a prefix has letters, digits, "_", "-", "." and "/"');
  for (const name of url.searchParams.keys()) {
    if (!settings.some((known) => known === name))
      throw new InvalidError(`there is no setting ${JSON.stringify(name)}`);
  }
  const setting = (name: Setting): string | undefined => url.searchParams.get(name) ?? undefined;
  const region = setting('region') ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const endpoint = setting('endpoint') ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  // Names of buckets in front of the host need a certificate and a name server that know them: what Amazon has, and few others.
  const addressing = oneOf(
    setting('addressing'),
    'addressing',
    endpoint === undefined ? ['host', 'path'] : ['path', 'host'],
  );
  const address = (base: string): string => bucketAddress(base, bucket, addressing);
  const bucketUrl = address(endpoint ?? `https://s3.${region}.amazonaws.com`);
  const publicEndpoint = setting('public-endpoint');
  return {
    bucketUrl,
    publicBucketUrl: publicEndpoint === undefined ? bucketUrl : address(publicEndpoint),
    bucket,
    prefix,
    region,
    downloads: oneOf(setting('downloads'), 'downloads', ['redirect', 'stream']),
    timeout: timeoutOf(setting('timeout') ?? '20s'),
    credentials: readCredentials(env),
  };
}

function bucketAddress(endpoint: string, bucket: string, addressing: 'path' | 'host'): string {
  const url = URL.parse(endpoint);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.username) {
    throw new InvalidError('an endpoint is an address like https://s3.example');
  }
  if (addressing === 'host') url.hostname = `${bucket}.${url.hostname}`;
  else url.pathname = `${url.pathname.replace(/\/+$/, '')}/${bucket}`;
  return url.href.replace(/\/+$/, '');
}

/** The first one is what it is without being said. */
function oneOf<T extends string>(value: string | undefined, name: Setting, choices: readonly [T, ...T[]]): T {
  const found = choices.find((choice) => choice === (value ?? choices[0]));
  if (!found) throw new InvalidError(`${name} is one of ${choices.join(', ')}`);
  return found;
}

function timeoutOf(text: string): number {
  const refusal = 'timeout is from 1s to 10m';
  try {
    const milliseconds = parseDuration(text) / 1e6;
    if (milliseconds >= 1000 && milliseconds <= 600_000) return milliseconds;
  } catch (cause) {
    throw new InvalidError(refusal, { cause });
  }
  throw new InvalidError(refusal);
}

/** As Amazon's own tools find them: environment, then the file. https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
function readCredentials(env: Environment): S3Credentials {
  const found = env['AWS_ACCESS_KEY_ID'] === undefined ? credentialsOfFile(env) : env;
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = found;
  if (id && secret)
    return { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) };
  throw new InvalidError(
    'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are missing, and AWS_SHARED_CREDENTIALS_FILE has no keys',
  );
}

function credentialsOfFile(env: Environment): Environment {
  const path = env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(homedir(), '.aws/credentials');
  const profile = env['AWS_PROFILE'] ?? 'default';
  let lines: readonly string[];
  try {
    lines = readFileSync(path, 'utf8').split('\n');
  } catch {
    return {};
  }
  const found: Record<string, string> = {};
  let section = '';
  for (const line of lines) {
    section = /^\s*\[\s*(.+?)\s*\]/.exec(line)?.[1] ?? section;
    const [, name, value] = /^\s*(aws_\w+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (section === profile && name !== undefined && value !== undefined) found[name.toUpperCase()] = value;
  }
  return found;
}
