/**
 * One client's raw connection joined to a console: output framed or raw, input scanned for the detach keys.
 * Used by attach and exec alike; resolves with why it is over. https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Container/operation/ContainerAttach
 */
import type { Duplex } from 'node:stream';
import { encodeFrame } from '../../../engine-api/framing.ts';
import type { Console, ConsoleClient, OutputStream } from './console.ts';
import { DetachScanner } from './detach-keys.ts';

export interface StdioOptions {
  readonly tty: boolean;
  /** Each piece of output says which stream it is of; undefined: where there is no terminal. */
  readonly isFramed?: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly detachKeys: Uint8Array;
  /** The end of the client's input is the end of the container's; otherwise it is the end of the attach. */
  readonly endsStdin: boolean;
  /** Awaited after the last output: words of the engine's own. */
  readonly farewell?: Promise<Uint8Array | undefined>;
}

export type StdioEnd = 'ended' | 'detached' | 'gone';

/** A client that is so many bytes behind while others keep up is let go. */
const longestBacklog = 1024 * 1024;

/** Adds the client to the console at once; the connection is ended when this resolves. */
export async function joinStdio(console: Console, socket: Duplex, options: StdioOptions): Promise<StdioEnd> {
  const { promise, resolve } = Promise.withResolvers<StdioEnd>();
  const client = outputClient(socket, options, resolve);
  console.add(client);
  socket.on('drain', () => console.ready(client));
  socket.on('error', () => resolve('gone'));
  socket.on('close', () => resolve('gone'));
  if (options.stdin) pumpInput(console, socket, options, resolve);
  else socket.resume();
  const end = await promise;
  if (end === 'gone' && options.stdin && options.endsStdin && console.isConnected) void console.closeStdin();
  console.remove(client);
  const words = end === 'ended' ? await options.farewell : undefined;
  if (words) client.output('stdout', words);
  socket.end();
  return end;
}

function outputClient(
  socket: Duplex,
  options: StdioOptions,
  resolve: (end: StdioEnd) => void,
): ConsoleClient {
  const { isFramed = !options.tty } = options;
  const wanted: Record<OutputStream, boolean> = { stdout: options.stdout, stderr: options.stderr };
  return {
    reads: options.stdout || options.stderr,
    output(stream, bytes) {
      if (!wanted[stream] || socket.destroyed || socket.writableEnded) return true;
      if (socket.writableLength > longestBacklog) {
        socket.destroy();
        resolve('gone');
        return true;
      }
      return socket.write(isFramed ? encodeFrame(stream, bytes) : Uint8Array.from(bytes));
    },
    ended: () => resolve('ended'),
  };
}

/** One chunk at a time: the socket is paused until the container has taken it. */
function pumpInput(
  console: Console,
  socket: Duplex,
  options: StdioOptions,
  resolve: (end: StdioEnd) => void,
): void {
  const scanner = options.tty ? new DetachScanner(options.detachKeys) : undefined;
  let written = Promise.resolve();
  const send = async (chunk: Uint8Array): Promise<void> => {
    const { pass, isDetach } = scanner?.scan(chunk) ?? { pass: chunk, isDetach: false };
    if (pass.length > 0) await console.write(pass);
    if (isDetach) resolve('detached');
    else socket.resume();
  };
  const endInput = async (): Promise<void> => {
    const held = scanner?.flush() ?? new Uint8Array();
    if (held.length > 0 && options.endsStdin) await console.write(held);
    if (options.endsStdin) await console.closeStdin();
    else resolve('detached');
  };
  socket.on('data', (chunk: Uint8Array) => {
    socket.pause();
    written = written.then(() => send(chunk));
  });
  socket.on('end', () => {
    written = written.then(endInput);
  });
  // It stands still where the request's body came after its head.
  socket.resume();
}
