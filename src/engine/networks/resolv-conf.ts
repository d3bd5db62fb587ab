/** A container's resolv.conf: the host's, without resolvers that only the host can reach, under what the user asked for. */
import { readFileSync } from 'node:fs';
import type { HostConfig } from '../../engine-api/types.ts';
import { errnoOf } from '../../lib/errors.ts';

/** Where systemd-resolved tells the real servers behind its own 127.0.0.53. */
const upstreamPath = '/run/systemd/resolve/resolv.conf';

/** Docker's answer to a host without a usable server. */
const fallbackServers = ['8.8.8.8', '8.8.4.4'];

type DnsOptions = Pick<HostConfig, 'Dns' | 'DnsSearch' | 'DnsOptions'>;

interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/** The host's file, or its resolver's when that names nothing but 127.0.0.53; empty when there is none. */
export function readHostResolvConf(): string {
  const own = readOrEmpty('/etc/resolv.conf');
  const { servers } = parse(own);
  const isStub = servers.length > 0 && servers.every((server) => server === '127.0.0.53');
  return (isStub && readOrEmpty(upstreamPath)) || own;
}

/** A file that a host may well lack. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
}

/** @param isolated the container has a network of its own, where the host's loopback (and, being IPv4, any IPv6 server) is out of reach. */
export function renderResolvConf(hostFile: string, asked: DnsOptions, isolated: boolean): string {
  const host = parse(hostFile);
  const inherited = isolated ? host.servers.filter(isReachable) : host.servers;
  const servers = nonEmpty(asked.Dns) ?? nonEmpty(inherited) ?? (isolated ? fallbackServers : []);
  const search = (nonEmpty(asked.DnsSearch) ?? host.search).filter((domain) => domain !== '.');
  const options = nonEmpty(asked.DnsOptions) ?? host.options;
  return [
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(search.length > 0 ? [`search ${search.join(' ')}\n`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('');
}

/** The last `search` line counts, and `options` add up: as the C library reads it. */
function parse(text: string): ResolvConf {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const valuesOf = (...keys: string[]): string[][] =>
    lines.filter(([key = '']) => keys.includes(key)).map(([, ...values]) => values);
  return {
    servers: valuesOf('nameserver').flatMap(([server = '']) => (server === '' ? [] : [server])),
    search: valuesOf('search', 'domain').at(-1) ?? [],
    options: valuesOf('options').flat(),
  };
}

function isReachable(server: string): boolean {
  return !server.startsWith('127.') && !server.includes(':');
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}
