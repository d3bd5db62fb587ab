/** `-p 127.0.0.1:8080:80/tcp` and `--expose 80-90`: ports as the API wants them. */
import type { PortBinding } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';

export interface Ports {
  readonly exposed: Readonly<Record<string, Record<string, never>>>;
  readonly bindings: Readonly<Record<string, PortBinding[]>>;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** @throws InvalidError in docker's words. */
export function parsePorts(published: readonly string[], exposed: readonly string[]): Ports {
  const bindings: Record<string, PortBinding[]> = {};
  for (const text of published) {
    for (const { port, binding } of parsePublished(text)) (bindings[port] ??= []).push(binding);
  }
  const ports = [...Object.keys(bindings), ...exposed.flatMap(parseExposed)];
  return { bindings, exposed: Object.fromEntries(ports.map((port) => [port, {}])) };
}

function parsePublished(text: string): readonly { port: string; binding: PortBinding }[] {
  const match = /^(?:(?:(\[[^\]]*\]|[^:]*):)?([^:]*):)?([^:/]+)(?:\/(.*))?$/.exec(text);
  if (!match) throw new InvalidError(`invalid publish opts format (should be name=value but got '${text}')`);
  const [, ip = '', host = '', inside = '', protocol = 'tcp'] = match;
  const target = parseRange(inside, `invalid containerPort: ${inside}`);
  const source = host === '' ? undefined : parseRange(host, `invalid hostPort: ${host}`);
  const proto = checkProtocol(protocol);
  const count = target.last - target.first;
  // One inner port and a range outside: the engine picks one of the range.
  const isChoice = source !== undefined && count === 0 && source.last > source.first;
  if (source && !isChoice && source.last - source.first !== count) {
    throw new InvalidError(`invalid ranges specified for container and host Ports: ${inside} and ${host}`);
  }
  return Array.from({ length: count + 1 }, (_, at) => ({
    port: `${target.first + at}/${proto}`,
    binding: {
      HostIp: ip.replace(/^\[(.*)\]$/, '$1'),
      HostPort: source === undefined ? '' : isChoice ? host : String(source.first + at),
    },
  }));
}

function parseExposed(text: string): readonly string[] {
  if (text.includes(':')) throw new InvalidError(`invalid port format for --expose: ${text}`);
  const [inside = '', protocol = 'tcp'] = text.split('/');
  const { first, last } = parseRange(
    inside,
    `invalid range format for --expose: ${text}, error: strconv.ParseUint: parsing ${JSON.stringify(inside)}: invalid syntax`,
  );
  const proto = checkProtocol(protocol);
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${proto}`);
}

function parseRange(text: string, complaint: string): Range {
  const [from = '', to = from] = text.split('-');
  const [first, last] = [from, to].map((port) => (/^\d{1,5}$/.test(port) ? Number(port) : Number.NaN));
  const isRange = first !== undefined && last !== undefined && first <= last && last <= 65_535;
  if (!isRange || text.split('-').length > 2) throw new InvalidError(complaint);
  return { first, last };
}

function checkProtocol(text: string): string {
  const protocol = text.toLowerCase();
  if (['tcp', 'udp', 'sctp'].includes(protocol)) return protocol;
  throw new InvalidError(`invalid proto: ${text}`);
}
