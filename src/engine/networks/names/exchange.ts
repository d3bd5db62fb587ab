/**
 * One query to one server, by UDP or TCP. Each has a socket of its own, so that
 * the port is a random one that the kernel chose, and the kernel drops what comes from any other address (RFC 5452).
 */
import { connect, isIPv6 } from 'node:net';
import { UnavailableError } from '../../../lib/errors.ts';
import { inNetns } from '../../linux/netns.ts';
import { frame, FrameReader } from './frames.ts';
import { longestByTcp } from './message.ts';

export interface Server {
  readonly address: string;
  readonly port: number;
  /** The network namespace that it is asked from, other than the engine's own. */
  readonly netnsPath?: string;
}

/** Bun makes and binds its sockets before the call returns; see netns.ts. */
function asked<Socket>({ netnsPath }: Server, open: () => Socket): Socket {
  return netnsPath === undefined ? open() : inNetns(netnsPath, open);
}

/** The first reply that `accept` takes. @throws UnavailableError, or what connecting throws. The signal ends the waiting. */
export type Exchange = (
  server: Server,
  message: Buffer,
  accept: (reply: Buffer) => boolean,
  signal: AbortSignal,
) => Promise<Buffer>;

export const askByUdp: Exchange = async (server, message, accept, signal) => {
  const { address, port } = server;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const give = (): void => reject(new UnavailableError(`no reply of ${address} by UDP`));
  signal.addEventListener('abort', give, { once: true });
  try {
    const socket = await asked(server, () =>
      Bun.udpSocket({
        hostname: isIPv6(address) ? '::' : '0.0.0.0',
        connect: { hostname: address, port },
        socket: {
          data: (_socket, bytes) => {
            if (accept(bytes)) resolve(bytes);
          },
          // Nobody listens there, and the host said so.
          error: give,
        },
      }),
    );
    try {
      socket.send(message);
      return await promise;
    } finally {
      socket.close();
    }
  } finally {
    signal.removeEventListener('abort', give);
    // Rejected while the socket was being made, or by closing it: nobody waits any more.
    promise.catch(() => {});
  }
};

export const askByTcp: Exchange = async (server, message, accept, signal) => {
  const { address, port } = server;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const frames = new FrameReader(longestByTcp);
  // Node's sockets and not Bun's: these let go of a connection that is still being made.
  const socket = asked(server, () => connect({ host: address, port }));
  const give = (): void => reject(new UnavailableError(`no reply of ${address} by TCP`));
  signal.addEventListener('abort', give, { once: true });
  socket.on('connect', () => socket.write(frame(message)));
  socket.on('data', (chunk: Buffer) => {
    const reply = frames.push(chunk).find(accept);
    if (reply) resolve(reply);
  });
  socket.on('error', give);
  socket.on('close', give);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', give);
    socket.destroy();
  }
};
