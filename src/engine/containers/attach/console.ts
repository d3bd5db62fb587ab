/**
 * A container's terminal or pipes as attach sees them: one connection to conmon, shared by every client.
 * Clients may come before the process exists; they are connected just before it starts, so they miss nothing.
 * While no client keeps up, the container's output is held back: nothing is dropped or piled up. One of several that stays
 * behind does not hold up the others: it is for the client to say when it gives up.
 */
import type { Socket } from 'bun';
import { openDescriptor } from '../../linux/descriptor-socket.ts';
import { connectSeqpacket } from '../../linux/unix-socket.ts';

export type OutputStream = 'stdout' | 'stderr';

export interface ConsoleClient {
  /** False for one that only sends. */
  readonly reads: boolean;
  /** Takes the bytes (they are the client's only during the call). @returns false: no more until `ready()`, if possible. */
  output(stream: OutputStream, bytes: Uint8Array): boolean;
  /** Nothing more will come: the process has ended, or was never started. */
  ended(): void;
}

/** conmon reads a packet into 32 KiB and drops what does not fit. */
const maxPacket = 16 * 1024;
/** First byte of conmon's packets. */
const stderrPipe = 3;

export class Console {
  readonly #clients = new Set<ConsoleClient>();
  readonly #full = new Set<ConsoleClient>();
  /** True where conmon closes the container's stdin when we hang up. */
  readonly #closesStdin: boolean;
  #socket: Socket | undefined;
  #connected = Promise.withResolvers<void>();
  #drained = Promise.withResolvers<void>();
  #closed = Promise.withResolvers<void>();
  #isStdinClosed = false;

  constructor(closesStdin: boolean) {
    this.#closesStdin = closesStdin;
    this.#closed.resolve();
  }

  get hasClients(): boolean {
    return this.#clients.size > 0;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  add(client: ConsoleClient): void {
    this.#clients.add(client);
  }

  /** Idempotent. Without clients there is no connection, unless hanging up would close the container's stdin. */
  remove(client: ConsoleClient): void {
    this.#clients.delete(client);
    this.ready(client);
    // Those that are left may all be behind.
    if (this.#isHeldBack()) this.#socket?.pause();
    if (this.#clients.size === 0 && (!this.#closesStdin || this.#isStdinClosed)) this.#hangUp();
  }

  /** A client that answered false can take more. */
  ready(client: ConsoleClient): void {
    if (this.#full.delete(client) && !this.#isHeldBack()) this.#socket?.resume();
  }

  /** As `connect`, to a new conmon: the connection to the one before ends first, if it has not yet. */
  async connectNew(path: string): Promise<void> {
    await this.#closed.promise;
    await this.connect(path);
  }

  /** Connects to conmon. Idempotent. @param path its attach socket. */
  async connect(path: string): Promise<void> {
    if (this.#socket) return;
    this.#socket = await openDescriptor({
      fd: connectSeqpacket(path),
      allowHalfOpen: true,
      socket: {
        data: (_socket, packet) => this.#receive(packet),
        drain: () => this.#drained.resolve(),
        end: (socket) => void socket.end(),
        close: (socket) => this.#disconnected(socket),
        error: () => undefined,
      },
    });
    this.#closed = Promise.withResolvers();
    this.#connected.resolve();
  }

  /** Sends to the container's stdin; waits until there is a container, and room in it. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#connected.promise;
    for (let offset = 0; offset < bytes.length;) {
      const packet = bytes.subarray(offset, offset + maxPacket);
      if (!this.#socket || this.#isStdinClosed) return;
      const drained = this.#drained.promise;
      const written = this.#socket.write(packet);
      if (written < 0) return;
      if (written < packet.length) await drained;
      this.#drained = Promise.withResolvers();
      offset += written;
    }
  }

  /** Ends the container's stdin. Idempotent; output goes on. */
  async closeStdin(): Promise<void> {
    await this.#connected.promise;
    this.#isStdinClosed = true;
    this.#socket?.shutdown();
  }

  /** The process will not come: tells the clients, and is ready for another start. */
  fail(): void {
    this.#hangUp();
    this.#endClients();
  }

  /**
   * The process has ended. A connection ends by itself, after the last output: hanging up now would lose what conmon
   * has sent and nobody has read yet.
   */
  processEnded(): void {
    if (!this.#socket) this.#endClients();
  }

  #receive(packet: Uint8Array): void {
    const stream = packet[0] === stderrPipe ? 'stderr' : 'stdout';
    for (const client of this.#clients) {
      if (!client.output(stream, packet.subarray(1))) this.#full.add(client);
    }
    if (this.#isHeldBack()) this.#socket?.pause();
  }

  #isHeldBack(): boolean {
    if (this.#full.size === 0) return false;
    for (const client of this.#clients) if (client.reads && !this.#full.has(client)) return false;
    return true;
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#reset();
    socket?.terminate();
  }

  #disconnected(socket: unknown): void {
    if (socket !== this.#socket) return;
    this.#reset();
    this.#endClients();
  }

  #reset(): void {
    this.#socket = undefined;
    this.#closed.resolve();
    this.#connected.resolve();
    this.#connected = Promise.withResolvers();
    this.#drained.resolve();
    this.#drained = Promise.withResolvers();
    this.#isStdinClosed = false;
    this.#full.clear();
  }

  #endClients(): void {
    const clients = [...this.#clients];
    this.#clients.clear();
    for (const client of clients) client.ended();
  }
}
