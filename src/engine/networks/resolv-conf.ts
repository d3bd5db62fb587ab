/**
 * A container's resolv.conf, in docker's words. On the default bridge: the host's, without resolvers that only the host can reach, under
 * what the user asked for. On networks of the user's own: the engine's resolver, which asks those servers itself.
 */
import { readFileSync } from 'node:fs';
import type { HostConfig } from '../../engine-api/types.ts';
import { errnoOf } from '../../lib/errors.ts';
import { resolverAddress } from './names/listeners.ts';
import type { OutsideServer } from './names/resolvers.ts';

const hostPath = '/etc/resolv.conf';
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

export interface HostResolvConf {
  readonly path: string;
  readonly text: string;
}

/** The host's file, or its resolver's when that names nothing but 127.0.0.53; empty when there is none. */
export function readHostResolvConf(): HostResolvConf {
  const own = readOrEmpty(hostPath);
  const { servers } = parse(own);
  const isStub = servers.length > 0 && servers.every((server) => server === '127.0.0.53');
  const upstream = isStub ? readOrEmpty(upstreamPath) : '';
  return upstream === '' ? { path: hostPath, text: own } : { path: upstreamPath, text: upstream };
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
export function renderResolvConf(host: HostResolvConf, asked: DnsOptions, isolated: boolean): string {
  const { servers: inherited } = parse(host.text);
  const wanted = merge(host, asked);
  if (!isolated) return lines({ ...wanted, servers: nonEmpty(asked.Dns) ?? inherited });
  const servers = nonEmpty(asked.Dns) ?? nonEmpty(inherited.filter(isReachable));
  return commented(lines({ ...wanted, servers: servers ?? fallbackServers }), [
    `Based on host file: '${host.path}' (legacy)`,
    ...(servers ? [] : ['Used default nameservers.']),
    overridesLine(asked),
    ...ndotsLine(wanted.options, asked),
  ]);
}

/** For a container that has the engine's resolver. */
export function renderInternalResolvConf(host: HostResolvConf, asked: DnsOptions): string {
  const wanted = merge(host, asked);
  const hasDots = wanted.options.some((option) => option.startsWith('ndots:'));
  const options = hasDots ? wanted.options : [...wanted.options, 'ndots:0'];
  const outside = outsideServers(host, asked).map(({ address, isInside }) =>
    isLoopback(address) && !isInside ? `host(${address})` : address,
  );
  return commented(lines({ ...wanted, options, servers: [resolverAddress] }), [
    `Based on host file: '${host.path}' (internal resolver)`,
    outside.length > 0 ? `ExtServers: [${outside.join(' ')}]` : 'NO EXTERNAL NAMESERVERS DEFINED',
    overridesLine(asked),
    ...(hasDots ? ndotsLine(options, asked) : ['Option ndots from: internal']),
  ]);
}

/** Whom the engine's resolver asks. A loopback address is the container's own where it comes from `--dns`, else the host's. */
export function outsideServers(host: HostResolvConf, asked: DnsOptions): OutsideServer[] {
  const wanted = nonEmpty(asked.Dns);
  const addresses = wanted ?? parse(host.text).servers;
  return addresses.map((address) => ({ address, isInside: wanted !== undefined && isLoopback(address) }));
}

/** The file of a container whose resolver goes: as many of its servers as it can reach by itself take the place. */
export function namingOutside(text: string, servers: readonly OutsideServer[]): string {
  const outside = outsideLines(servers);
  return outside === '' ? text : text.replace(resolverLine, outside);
}

/** The way back. */
export function namingResolver(text: string, servers: readonly OutsideServer[]): string {
  const outside = outsideLines(servers);
  return outside === '' ? text : text.replace(outside, resolverLine);
}

const resolverLine = `nameserver ${resolverAddress}\n`;

function outsideLines(servers: readonly OutsideServer[]): string {
  return servers
    .filter(({ address, isInside }) => isInside || isReachable(address))
    .map(({ address }) => `nameserver ${address}\n`)
    .join('');
}

function merge(host: HostResolvConf, asked: DnsOptions): Omit<ResolvConf, 'servers'> {
  const { search, options } = parse(host.text);
  return {
    search: (nonEmpty(asked.DnsSearch) ?? search).filter((domain) => domain !== '.'),
    options: nonEmpty(asked.DnsOptions) ?? options,
  };
}

function lines({ servers, search, options }: ResolvConf): string {
  return [
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(search.length > 0 ? [`search ${search.join(' ')}\n`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('');
}

/** The words that docker writes above; whoever looks for them finds them. */
const header = `# Generated by Docker Engine.
# This file can be edited; Docker Engine will not make further changes once it
# has been modified.
`;

function commented(body: string, notes: readonly string[]): string {
  return `${header}\n${body}\n${notes.map((note) => `# ${note}\n`).join('')}`;
}

function overridesLine({ Dns, DnsSearch, DnsOptions: options }: DnsOptions): string {
  const overridden = [
    ...(nonEmpty(Dns) ? ['nameservers'] : []),
    ...(nonEmpty(DnsSearch) ? ['search'] : []),
    ...(nonEmpty(options) ? ['options'] : []),
  ];
  return `Overrides: [${overridden.join(' ')}]`;
}

function ndotsLine(options: readonly string[], asked: DnsOptions): string[] {
  if (!options.some((option) => option.startsWith('ndots:'))) return [];
  return [`Option ndots from: ${nonEmpty(asked.DnsOptions) ? 'override' : 'host'}`];
}

/** The last `search` line counts, and `options` add up: as the C library reads it. */
function parse(text: string): ResolvConf {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  const valuesOf = (...keys: string[]): string[][] =>
    rows.filter(([key = '']) => keys.includes(key)).map(([, ...values]) => values);
  return {
    servers: valuesOf('nameserver').flatMap(([server = '']) => (server === '' ? [] : [server])),
    search: valuesOf('search', 'domain').at(-1) ?? [],
    options: valuesOf('options').flat(),
  };
}

function isReachable(server: string): boolean {
  return !isLoopback(server) && !server.includes(':');
}

function isLoopback(server: string): boolean {
  return server.startsWith('127.') || server === '::1';
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}
