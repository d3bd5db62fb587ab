/**
 * The sockets behind 127.0.0.11:53 inside of a container's network. They have ports that the kernel chose, and rules of the namespace lead
 * there: a server of the container's own may have port 53 of all addresses. Bun makes and binds both kinds before its calls return, so
 * that the journey into the namespace can be synchronous; node:dgram binds later, when the thread is back on the host.
 */
import type { Socket, TCPSocketListener, udp } from 'bun';
import { UnavailableError } from '../../../lib/errors.ts';
import { inNetns } from '../../linux/netns.ts';
import { replaceRedirects } from '../../linux/nft-redirect.ts';
import type { Resolver } from './resolver.ts';
import { TcpClient } from './tcp-client.ts';

/** Where docker has it too; resolv.conf of the container says so. */
export const resolverAddress = '127.0.0.11';
const place = { hostname: resolverAddress, port: 0 };
const dnsPort = 53;
const protocols = { tcp: 6, udp: 17 } as const;
const table = 'cais-names';

/** Each holds a descriptor of the engine. */
const mostTcpClients = 50;
/** After so many seconds of silence a connection is closed. */
const tcpSilence = 10;

/** Dispose closes them, and the connections. @throws when the namespace is not there or its lo is down. */
export function listenInside(netnsPath: string, resolver: Resolver): Disposable {
  return inNetns(netnsPath, () => {
    using started = new DisposableStack();
    const udp = started.adopt(listenUdp(resolver), (socket) => socket.close());
    const tcp = started.adopt(listenTcp(resolver), (listener) => listener.stop(true));
    redirect({ udp: udp.port, tcp: tcp.port });
    return started.move();
  });
}

/** In place of the rules that an earlier engine has left. */
function redirect(ports: Readonly<Record<keyof typeof protocols, number>>): void {
  const address = Uint8Array.from(resolverAddress.split('.').map(Number));
  replaceRedirects(table, [
    { protocol: protocols.udp, address, from: dnsPort, to: ports.udp },
    { protocol: protocols.tcp, address, from: dnsPort, to: ports.tcp },
  ]);
}

function listenUdp(resolver: Resolver): udp.Socket<'buffer'> {
  const socket = Bun.peek(
    Bun.udpSocket({
      ...place,
      socket: {
        data: async (socket, bytes, port, address) => {
          // The bytes are Bun's until this function awaits.
          const reply = await resolver.answer(Buffer.from(bytes), 'udp');
          if (reply !== undefined && !socket.closed) socket.send(reply, port, address);
        },
      },
    }),
  );
  if (socket instanceof Promise) throw new UnavailableError('cannot make a UDP socket at once');
  return socket;
}

function listenTcp(resolver: Resolver): TCPSocketListener<TcpClient> {
  let clients = 0;
  return Bun.listen<TcpClient>({
    ...place,
    allowHalfOpen: true,
    socket: {
      open: (socket: Socket<TcpClient>) => {
        clients += 1;
        socket.data = new TcpClient(socket, resolver);
        socket.timeout(tcpSilence);
        if (clients > mostTcpClients) socket.terminate();
      },
      data: (socket, chunk) => socket.data.receive(chunk),
      drain: (socket) => socket.data.drain(),
      end: (socket) => socket.data.endOfQueries(),
      timeout: (socket) => socket.terminate(),
      close: (socket) => {
        clients -= 1;
        socket.data.closed();
      },
      // `close` follows.
      error: () => {},
    },
  });
}
