/** TLS of the hub's port: a certificate in files, or one that an authority gives by ACME. Part of config.ts. */
import { z } from 'zod';
import { InvalidError } from '../../lib/errors.ts';
import { type ListenAddress, parseListen } from '../listen-address.ts';

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
  const get = (given: string | undefined, variable: string): string | undefined =>
    given ?? (env[variable] || undefined);
  const cert = get(flags.cert, 'CAIS_HUB_TLS_CERT');
  const key = get(flags.key, 'CAIS_HUB_TLS_KEY');
  const acme = get(flags.acme?.join(',') || undefined, 'CAIS_HUB_ACME');
  const httpListen = readHttpListen(get(flags.httpListen, 'CAIS_HUB_HTTP_LISTEN'));
  if ((cert === undefined) !== (key === undefined)) {
    throw new InvalidError('--tls-cert (CAIS_HUB_TLS_CERT) and --tls-key (CAIS_HUB_TLS_KEY) need each other');
  }
  if (acme !== undefined && cert !== undefined) {
    throw new InvalidError('--acme (CAIS_HUB_ACME) and --tls-cert (CAIS_HUB_TLS_CERT) exclude each other');
  }
  if (cert !== undefined && key !== undefined) return { source: { files: { cert, key } }, httpListen };
  if (acme !== undefined) {
    const email = get(flags.acmeEmail, 'CAIS_HUB_ACME_EMAIL');
    const directory = get(flags.acmeDirectory, 'CAIS_HUB_ACME_DIRECTORY') ?? defaultDirectory;
    return { source: { acme: readAcme(acme, email, directory) }, httpListen: httpListen ?? challengeListen };
  }
  if (httpListen !== undefined) {
    throw new InvalidError(
      '--http-listen (CAIS_HUB_HTTP_LISTEN) is plain HTTP beside TLS: name a certificate too',
    );
  }
  return undefined;
}

function readHttpListen(text: string | undefined): ListenAddress | undefined {
  if (text === undefined) return undefined;
  const address = parseListen(text);
  if (address) return address;
  throw new InvalidError(
    `invalid value ${JSON.stringify(text)} for --http-listen (CAIS_HUB_HTTP_LISTEN): HOST:PORT is expected, as in 0.0.0.0:80`,
  );
}

function readAcme(list: string, email: string | undefined, directory: string): AcmeConfig {
  const names = list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const wrong = names.find((name) => !/^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/.test(name));
  if (wrong !== undefined || names.length === 0) {
    throw new InvalidError(
      `invalid value ${JSON.stringify(wrong ?? list)} for --acme (CAIS_HUB_ACME): a domain's name is expected, as in hub.example.com`,
    );
  }
  if (email !== undefined && !z.email().safeParse(email).success) {
    throw new InvalidError(
      `invalid value ${JSON.stringify(email)} for --acme-email (CAIS_HUB_ACME_EMAIL): a mail address is expected`,
    );
  }
  if (!z.url({ protocol: /^https$/ }).safeParse(directory).success) {
    throw new InvalidError(
      `invalid value ${JSON.stringify(directory)} for --acme-directory (CAIS_HUB_ACME_DIRECTORY): an https address is expected`,
    );
  }
  return { names, email, directory };
}
