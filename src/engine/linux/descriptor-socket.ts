/** An event-driven socket over a descriptor that is open already; Bun can, its types leave it out. */
import type { Socket, SocketHandler } from 'bun';

interface DescriptorOptions {
  readonly fd: number;
  readonly socket: SocketHandler;
  /** The other side's end of input doesn't close our side. */
  readonly allowHalfOpen?: boolean;
}

/** Takes the descriptor over: closing the socket closes it. */
export function openDescriptor(options: DescriptorOptions): Promise<Socket> {
  const connect = Bun.connect as unknown as (options: DescriptorOptions) => Promise<Socket>;
  return connect(options);
}
