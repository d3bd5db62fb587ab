/** TLS of the tcp hosts by docker's flags: `--tls` alone encrypts, `--tlsverify` also asks clients for a certificate. */
import { readFileSync } from 'node:fs';
import { InvalidError, messageOf } from '../lib/errors.ts';
import type { ConfigFile } from './config-file.ts';

/** PEM texts. */
export interface TlsConfig {
  readonly cert: string;
  readonly key: string;
  /** Clients need a certificate that this one has signed; undefined: anybody may come. */
  readonly clientCa: string | undefined;
}

export interface TlsFlags {
  readonly tls?: boolean | undefined;
  readonly tlsverify?: boolean | undefined;
  /** Paths of PEM files. */
  readonly tlscacert?: string | undefined;
  readonly tlscert?: string | undefined;
  readonly tlskey?: string | undefined;
}

/**
 * @param directory where the files lie unless they are named.
 * @throws InvalidError for a file that cannot be read.
 */
export function readTlsConfig(flags: TlsFlags, file: ConfigFile, directory: string): TlsConfig | undefined {
  const verifies = flags.tlsverify ?? file.tlsverify ?? false;
  if (!verifies && !(flags.tls ?? file.tls ?? false)) return undefined;
  return {
    cert: readPem('--tlscert', flags.tlscert ?? file.tlscert ?? `${directory}/cert.pem`),
    key: readPem('--tlskey', flags.tlskey ?? file.tlskey ?? `${directory}/key.pem`),
    clientCa: verifies
      ? readPem('--tlscacert', flags.tlscacert ?? file.tlscacert ?? `${directory}/ca.pem`)
      : undefined,
  };
}

function readPem(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new InvalidError(`could not read the file of ${flag} (${path}): ${messageOf(cause)}`, { cause });
  }
}
