/**
 * One query to one server, by UDP or TCP, from the namespace that the engine itself is in. Each has a socket of its own, so that
 * the port is a random one that the kernel chose, and the kernel drops what comes from any other address (RFC 5452).
 */
import { connect, isIPv6 } from 'node:net';
import { UnavailableError } from '../../../lib/errors.ts';
import { frame, FrameReader } from './frames.ts';
import { longestByTcp } from './message.ts';

export interface Server {
  readonly address: string;
  readonly port: number;
}

/** The first reply that `accept` takes. @throws UnavailableError, or what connecting throws. The signal ends the waiting. */
export type Exchange = (
  server: Server,
  message: Buffer,
  accept: (reply: Buffer) => boolean,
  signal: AbortSignal,
) => Promise<Buffer>;

export const askByUdp: Exchange = async ({ address, port }, message, accept, signal) => {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const give = (): void => reject(new UnavailableError(`no reply of ${address} by UDP`));
  signal.addEventListener('abort', give, { once: true });
  try {
    const socket = await Bun.udpSocket({
      hostname: isIPv6(address) ? '::' : '0.0.0.0',
      connect: { hostname: address, port },
      socket: {
        data: (_socket, bytes) => {
          if (accept(bytes)) resolve(bytes);
        },
        // Nobody listens there, and the host said so.
        error: give,
      },
    });
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

export const askByTcp: Exchange = async ({ address, port }, message, accept, signal) => {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const frames = new FrameReader(longestByTcp);
  // Node's sockets and not Bun's: these let go of a connection that is still being made.
  const socket = connect({ host: address, port });
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
