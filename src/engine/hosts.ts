/** The addresses that the engine serves, as docker writes them. */
import { isAbsolute } from 'node:path';
import { InvalidError } from '../lib/errors.ts';

/** Docker's ports: with TLS the second. */
const plainPort = 2375;
const tlsPort = 2376;

/**
 * `unix:///path` or `tcp://address:port`; what `tcp://` leaves out is 127.0.0.1 and docker's port, a port alone means
 * every address.
 * @throws InvalidError
 */
export function normalHost(host: string, isTls: boolean): string {
  const path = /^unix:\/\/(.+)$/.exec(host)?.[1];
  if (path !== undefined && isAbsolute(path)) return host;
  const parts = /^tcp:\/\/(\[[\da-fA-F:.]+\]|[\w.-]*)(?::(\d{1,5}))?\/?$/.exec(host);
  const [, address = '', port] = parts ?? [];
  if (!parts || Number(port ?? 0) > 65_535) {
    throw new InvalidError(`invalid --host (or CAIS_HOST) "${host}": use unix:///path or tcp://address:port`);
  }
  const shown = address || (port === undefined ? '127.0.0.1' : '0.0.0.0');
  return `tcp://${shown}:${port ?? (isTls ? tlsPort : plainPort)}`;
}

/** What `--metrics-addr` names: HOST:PORT. Undefined for none. @throws InvalidError */
export function metricsAddress(
  text: string | undefined,
): { readonly hostname: string; readonly port: number } | undefined {
  if (!text) return undefined;
  const address = /:\d+$/.test(text) ? tcpAddress(normalHost(`tcp://${text}`, false)) : undefined;
  if (address) return address;
  throw new InvalidError(
    `invalid --metrics-addr (metrics-addr) "${text}": HOST:PORT is expected, as in 127.0.0.1:9323`,
  );
}

/** Address and port of a tcp host, as net.listen wants them; undefined for a socket. */
export function tcpAddress(host: string): { readonly hostname: string; readonly port: number } | undefined {
  const [, address, port] = /^tcp:\/\/(.+):(\d+)$/.exec(host) ?? [];
  if (address === undefined) return undefined;
  return { hostname: address.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}
