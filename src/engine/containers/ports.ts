/** A container's ports as `ps` lists them: published ones with their host side, exposed ones alone. Pure. */
import type { Port, PortMap } from '../../engine-api/types.ts';

/** Sorted by port, then by host address, as docker's. */
export function listPorts(ports: PortMap | undefined): Port[] {
  return Object.entries(ports ?? {})
    .flatMap(([key, bindings]) => {
      const { port, protocol } = parsePort(key);
      if (!bindings || bindings.length === 0) return [{ PrivatePort: port, Type: protocol }];
      return bindings.map(({ HostIp, HostPort }) => ({
        IP: HostIp || '0.0.0.0',
        PrivatePort: port,
        PublicPort: Number(HostPort ?? 0),
        Type: protocol,
      }));
    })
    .toSorted((a, b) => (a.PrivatePort ?? 0) - (b.PrivatePort ?? 0));
}

/** `80/tcp`, `53/udp`, `80`. */
export function parsePort(key: string): { port: number; protocol: 'tcp' | 'udp' | 'sctp' } {
  const [port = '', protocol = 'tcp'] = key.split('/');
  return { port: Number(port), protocol: protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp' };
}
