/** The ports of EXPOSE: `80`, `80/udp`, `8000-8010/tcp`; and the old form of `docker run -p`, of which only the container's port counts. */
import { isIP } from 'node:net';
import { InvalidError } from '../lib/errors.ts';

export interface ExposedPorts {
  readonly first: number;
  readonly last: number;
  /** As written; `tcp` where none was. */
  readonly protocol: string;
  /** An address or a port of the host was written before it, which means nothing. */
  readonly hasHost: boolean;
}

/** @throws InvalidError in BuildKit's words. */
export function readPorts(text: string): ExposedPorts {
  const parts = text.split(':');
  const container = parts.at(-1) ?? '';
  const host = parts.at(-2) ?? '';
  const address = parts.slice(0, -2).join(':');
  const [range = '', protocol = ''] = splitProtocol(text, container);
  if (address !== '' && isIP(address.replace(/^\[(.*)\]$/, '$1')) === 0) {
    throw new InvalidError(`invalid IP address: ${address}`);
  }
  const ports = readRange(range);
  if (!ports) throw new InvalidError(`invalid containerPort: ${range}`);
  if (host !== '') checkHost(host, range, ports);
  return { ...ports, protocol: protocol || 'tcp', hasHost: address !== '' || host !== '' };
}

/** `80/tcp`, as a configuration names each of them. */
export function portNames({ first, last, protocol }: ExposedPorts): string[] {
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${protocol.toLowerCase()}`);
}

function splitProtocol(text: string, container: string): string[] {
  const [, range = '', protocol = ''] = /^([^/]*)(?:\/([\s\S]*))?$/.exec(container) ?? [];
  if (range === '') throw new InvalidError(`invalid port: ${JSON.stringify(text)}: no port specified`);
  if (!/^(?:tcp|udp|sctp|)$/i.test(protocol)) {
    throw new InvalidError(`invalid port: ${JSON.stringify(text)}: invalid proto: ${protocol}`);
  }
  return [range, protocol];
}

function readRange(text: string): { first: number; last: number } | undefined {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (from === undefined) return undefined;
  const [first, last] = [Number(from), Number(to)];
  return first <= last && last <= 65_535 ? { first, last } : undefined;
}

/** A range on both sides has to be of the same length. */
function checkHost(host: string, range: string, { first, last }: { first: number; last: number }): void {
  const ports = readRange(host);
  if (!ports) throw new InvalidError(`invalid hostPort: ${host}`);
  if (first !== last && last - first !== ports.last - ports.first) {
    throw new InvalidError(`invalid ranges specified for container and host Ports: ${range} and ${host}`);
  }
}
