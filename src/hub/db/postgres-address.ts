/** Where PostgreSQL is, and how the driver is told. */
import type { ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import pgpass from 'pgpass';
import type { PostgresTls } from './postgres-tls.ts';

export interface PostgresAddress {
  /** `postgres://…`; what it leaves out is taken from PGHOST, PGUSER, PGPASSFILE and the like. */
  readonly url: string;
  /** Without it the connection is not encrypted. */
  readonly ssl?: PostgresTls['ssl'] | undefined;
  /** For an address without one; else that of the passwords' file. */
  readonly password?: string | undefined;
  readonly poolSize: number;
}

/** Of each connection to it. */
export function clientConfigOf({ url, ssl, password }: PostgresAddress): ClientConfig {
  const config = parseIntoClientConfig(url);
  return { ...config, ssl: ssl ?? false, password: config.password || password || passwordOfFile };
}

/** The driver would look into the file by itself, but tells people each time that it will not do so for ever. */
const passwordOfFile = ((connection: Parameters<typeof pgpass>[0]) =>
  new Promise<string | undefined>((resolve) => pgpass(connection, resolve))) as () => Promise<string>;
