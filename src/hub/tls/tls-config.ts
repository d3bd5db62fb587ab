/** TLS of the hub's port: a certificate in files, or one that an authority gives by ACME. Part of config.ts. */
import { z } from 'zod';
import { InvalidError } from '../../lib/errors.ts';
import { type ListenAddress, readListenAddress } from '../listen-address.ts';
import { asIs, type SettingReader, settingReader } from '../setting-reader.ts';

export interface TlsFlags {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly acme?: readonly string[] | undefined;
  readonly acmeEmail?: string | undefined;
  readonly acmeDirectory?: string | undefined;
  readonly httpListen?: string | undefined;
}

export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
}

export interface AcmeConfig {
  /** One certificate for all of them. */
  readonly names: readonly string[];
  /** Where the authority writes when something is wrong; undefined: nowhere. */
  readonly email: string | undefined;
  readonly directory: string;
}

export interface TlsConfig {
  readonly source: { readonly files: CertificatePaths } | { readonly acme: AcmeConfig };
  /** Where plain HTTP is answered with the way to https; undefined: nowhere. */
  readonly httpListen: ListenAddress | undefined;
}

const defaultDirectory = 'https://acme-v02.api.letsencrypt.org/directory';
/** Where the authority looks, whatever port TLS has (RFC 8555, 8.3). */
const challengeListen: ListenAddress = { hostname: '0.0.0.0', port: 80 };

/** @returns undefined: plain HTTP. @throws InvalidError naming the flag or the variable that is wrong. */
export function readTlsConfig(
  flags: TlsFlags,
  env: Readonly<Record<string, string | undefined>>,
): TlsConfig | undefined {
  const read = settingReader(env);
  const cert = read('--tls-cert', 'CAIS_HUB_TLS_CERT', flags.cert, asIs);
  const key = read('--tls-key', 'CAIS_HUB_TLS_KEY', flags.key, asIs);
  const acme = readAcme(flags, read);
  const httpListen = read('--http-listen', 'CAIS_HUB_HTTP_LISTEN', flags.httpListen, readListenAddress);
  if ((cert === undefined) !== (key === undefined)) {
    throw new InvalidError('--tls-cert (CAIS_HUB_TLS_CERT) and --tls-key (CAIS_HUB_TLS_KEY) need each other');
  }
  if (acme !== undefined && cert !== undefined) {
    throw new InvalidError('--acme (CAIS_HUB_ACME) and --tls-cert (CAIS_HUB_TLS_CERT) exclude each other');
  }
  if (cert !== undefined && key !== undefined) return { source: { files: { cert, key } }, httpListen };
  if (acme !== undefined) return { source: { acme }, httpListen: httpListen ?? challengeListen };
  if (httpListen !== undefined) {
    throw new InvalidError(
      '--http-listen (CAIS_HUB_HTTP_LISTEN) is plain HTTP beside TLS: name a certificate too',
    );
  }
  return undefined;
}

/** Undefined where no name is given. */
function readAcme(flags: TlsFlags, read: SettingReader): AcmeConfig | undefined {
  const names = read('--acme', 'CAIS_HUB_ACME', flags.acme?.join(',') || undefined, readNames);
  const email = read('--acme-email', 'CAIS_HUB_ACME_EMAIL', flags.acmeEmail, readEmail);
  const directory = read('--acme-directory', 'CAIS_HUB_ACME_DIRECTORY', flags.acmeDirectory, readDirectory);
  return names && { names, email, directory: directory ?? defaultDirectory };
}

function readNames(list: string): readonly string[] {
  const names = list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const isName = (name: string): boolean =>
    /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/.test(name);
  if (names.length > 0 && names.every(isName)) return names;
  throw new InvalidError("a domain's name is expected, as in hub.example.com");
}

function readEmail(text: string): string {
  if (z.email().safeParse(text).success) return text;
  throw new InvalidError('a mail address is expected');
}

function readDirectory(text: string): string {
  if (z.url({ protocol: /^https$/ }).safeParse(text).success) return text;
  throw new InvalidError('an https address is expected');
}
