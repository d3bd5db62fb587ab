/**
 * The sockets behind held-ports.ts. On IPv4 a holder only keeps the port: firewall.ts redirects packets before they arrive,
 * also while the engine is away. Containers have no IPv6 here, so an IPv6 holder passes TCP connections on by itself.
 */
import { connect, createServer, type Socket } from 'node:net';
import { UnsupportedError } from '../../lib/errors.ts';
import { formatAddress } from './ipv4.ts';
import type { PublishedPort } from './port-bindings.ts';

export interface PortHolder {
  /** From now on connections that arrive at the socket go to the container. */
  forwardTo(address: number): void;
  close(): void;
}

/**
 * Opens the socket, or fails with the system's EADDRINUSE, EADDRNOTAVAIL or EACCES.
 * SCTP has none: the kernel's module is rarely there, and the table of held ports still tells containers apart.
 */
export async function openHolder(port: PublishedPort): Promise<PortHolder> {
  const isIpv6 = port.hostIp.includes(':');
  if (isIpv6 && port.protocol === 'tcp') return forwardTcp(port);
  if (isIpv6)
    throw new UnsupportedError(`cannot publish ${port.protocol} on ${port.hostIp}: only tcp on IPv6`);
  if (port.protocol === 'tcp') return holdTcp(port);
  if (port.protocol === 'udp') return holdUdp(port);
  return { forwardTo: () => undefined, close: () => undefined };
}

function holdTcp({ hostIp, hostPort }: PublishedPort): PortHolder {
  const listener = Bun.listen({
    hostname: hostIp,
    port: hostPort,
    socket: { open: (socket) => void socket.end(), data: () => undefined },
  });
  listener.unref();
  return { forwardTo: () => undefined, close: () => listener.stop(true) };
}

async function holdUdp({ hostIp, hostPort }: PublishedPort): Promise<PortHolder> {
  const socket = await Bun.udpSocket({ hostname: hostIp, port: hostPort });
  socket.unref();
  return { forwardTo: () => undefined, close: () => socket.close() };
}

async function forwardTcp({ hostIp, hostPort, containerPort }: PublishedPort): Promise<PortHolder> {
  let target: string | undefined;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (target === undefined) client.destroy();
    else join(client, connect({ host: target, port: containerPort, allowHalfOpen: true }), open);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host: hostIp, port: hostPort, ipv6Only: true }, resolve);
  await promise;
  server.unref();
  return {
    forwardTo: (address) => (target = formatAddress(address)),
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Both ways, each end closed by itself; when one breaks, so does the other. */
function join(client: Socket, container: Socket, open: Set<Socket>): void {
  const pair = [client, container];
  for (const socket of pair) {
    open.add(socket);
    socket.on('error', () => pair.forEach((end) => end.destroy()));
    socket.on('close', () => open.delete(socket));
  }
  client.pipe(container);
  container.pipe(client);
}
