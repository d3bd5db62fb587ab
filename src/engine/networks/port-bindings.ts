/** `-p`, `-P` and EXPOSE as values: what a container wants published, before and after host ports are found. */
import { isIP } from 'node:net';
import type { ContainerConfig, HostConfig, PortBinding, PortMap } from '../../engine-api/types.ts';
import { InvalidError } from '../../lib/errors.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface PortRequest {
  readonly containerPort: number;
  readonly protocol: Protocol;
  /** Addresses of the host, all with the same port: 0.0.0.0 and `::`, or the one asked for. */
  readonly hostIps: readonly string[];
  /** Candidates in order; both 0 for any free port. */
  readonly firstHostPort: number;
  readonly lastHostPort: number;
}

export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: Protocol;
  readonly hostIp: string;
  readonly hostPort: number;
}

/**
 * @param hasIpv6 the host does: then ports are published on `::`, too (tcp alone, see port-holder.ts).
 * @param binding where ports go that name no address of the host: the network's choice; undefined for all addresses.
 * @throws InvalidError in docker's words when a port or a protocol is none.
 */
export function requestedPorts(
  config: Pick<ContainerConfig, 'ExposedPorts'>,
  hostConfig: Pick<HostConfig, 'PortBindings' | 'PublishAllPorts'>,
  hasIpv6: boolean,
  binding?: string,
): PortRequest[] {
  const request = (key: string, port: PortBinding): PortRequest =>
    toRequest(key, port.HostIp || binding === undefined ? port : { ...port, HostIp: binding }, hasIpv6);
  const bound = Object.entries(hostConfig.PortBindings ?? {});
  const wanted = bound.flatMap(([key, bindings]) =>
    (bindings && bindings.length > 0 ? bindings : [{}]).map((port) => request(key, port)),
  );
  if (!hostConfig.PublishAllPorts) return wanted;
  const names = new Set(bound.map(([key]) => portName(parsePort(key))));
  const rest = exposedPorts(config).filter((name) => !names.has(name));
  return [...wanted, ...rest.map((name) => request(name, {}))];
}

/** As `80/tcp`, sorted. */
export function exposedPorts(config: Pick<ContainerConfig, 'ExposedPorts'>): string[] {
  return Object.keys(config.ExposedPorts ?? {})
    .flatMap((key) => expand(key))
    .toSorted();
}

/** The `Ports` of inspect: exposed ones without a host port are null. */
export function toPortMap(published: readonly PublishedPort[], exposed: readonly string[]): PortMap {
  const map: PortMap = {};
  for (const name of exposed) map[name] = null;
  for (const port of published) {
    const name = portName(port);
    map[name] = [...(map[name] ?? []), { HostIp: port.hostIp, HostPort: String(port.hostPort) }];
  }
  return map;
}

function portName({ containerPort, protocol }: Pick<PublishedPort, 'containerPort' | 'protocol'>): string {
  return `${containerPort}/${protocol}`;
}

function toRequest(key: string, { HostIp, HostPort = '' }: PortBinding, hasIpv6: boolean): PortRequest {
  const port = parsePort(key);
  const [first = 0, last = first] = HostPort.split('-', 2).map((text) => parseNumber(text || '0', HostPort));
  if (last < first) throw new InvalidError(`Invalid hostPort: ${HostPort}`);
  const everywhere = hasIpv6 && port.protocol === 'tcp' ? ['0.0.0.0', '::'] : ['0.0.0.0'];
  const hostIps = HostIp ? [parseHostIp(HostIp)] : everywhere;
  return { ...port, hostIps, firstHostPort: first, lastHostPort: last };
}

function parseHostIp(text: string): string {
  const address = text.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) === 0) throw new InvalidError(`invalid IP address: ${text}`);
  return address;
}

/** EXPOSE may name a range: 7000-7002/tcp. */
function expand(key: string): string[] {
  const [ports = '', protocol = 'tcp'] = key.split('/', 2);
  const [first = 0, last = first] = ports.split('-', 2).map((text) => parseNumber(text, key));
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${protocol}`);
}

function parsePort(key: string): Pick<PublishedPort, 'containerPort' | 'protocol'> {
  const [port = '', protocol = 'tcp'] = key.split('/', 2);
  const lower = protocol.toLowerCase();
  if (lower !== 'tcp' && lower !== 'udp' && lower !== 'sctp') {
    throw new InvalidError(`invalid proto: ${protocol}`);
  }
  const containerPort = parseNumber(port, key);
  if (containerPort === 0) throw new InvalidError(`invalid port specification: "${key}"`);
  return { containerPort, protocol: lower };
}

function parseNumber(text: string, whole: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidError(`invalid port specification: "${whole}"`);
  }
  return port;
}
