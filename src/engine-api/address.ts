/** Where an engine is, for a client: a socket or a port, and what TLS needs. */
import { InvalidError } from '../lib/errors.ts';

/** PEM texts. */
export interface ClientTls {
  /** Who may have signed the engine's certificate; undefined: who the machine trusts. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** False: any certificate will do. */
  readonly verifies: boolean;
}

export type EngineAddress =
  | { readonly unix: string }
  | { readonly hostname: string; readonly port: number; readonly tls?: ClientTls | undefined };

/**
 * Docker's ports, where the address names none.
 * @param host `unix:///path`, `tcp://host[:port]`, `http://…`, `https://…`.
 * @throws InvalidError
 */
export function parseAddress(host: string, tls?: ClientTls): EngineAddress {
  if (host.startsWith('unix://')) return { unix: host.slice('unix://'.length) };
  const text = host.replace(/^tcp:/, 'http:');
  if (!/^https?:/.test(text) || !URL.canParse(text))
    throw new InvalidError(`unable to parse docker host \`${host}\``);
  const { hostname, port, protocol } = new URL(text);
  const isSecure = tls !== undefined || protocol === 'https:';
  return {
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || defaultPort(host, isSecure)),
    ...(isSecure && { tls: tls ?? { verifies: true } }),
  };
}

/** A URL without its port has that of its scheme. */
function defaultPort(host: string, isSecure: boolean): number {
  if (!host.startsWith('tcp:')) return isSecure ? 443 : 80;
  return isSecure ? 2376 : 2375;
}

/** TLS as Bun's fetch and sockets take it. */
export function tlsOptions({ ca, cert, key, verifies }: ClientTls): Bun.TLSOptions {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: verifies,
  };
}
