/** One TCP connection of a container: queries come in any number, replies go out as they are ready (RFC 7766). */
import type { Socket } from 'bun';
import { frame, FrameReader } from './frames.ts';
import { longestQuery } from './message.ts';
import type { Resolver } from './resolver.ts';

/** Replies that a client leaves lying, in bytes, before it is let go. */
const longestBacklog = 256 * 1024;

export class TcpClient {
  readonly #frames = new FrameReader(longestQuery);
  readonly #socket: Socket<TcpClient>;
  readonly #resolver: Resolver;
  #backlog: Buffer = Buffer.alloc(0);
  #waiting = 0;
  #hasAskedAll = false;
  #isClosed = false;

  constructor(socket: Socket<TcpClient>, resolver: Resolver) {
    this.#socket = socket;
    this.#resolver = resolver;
  }

  receive(chunk: Buffer): void {
    try {
      for (const message of this.#frames.push(chunk)) void this.#answer(message);
    } catch {
      // Too long: where the next message begins is lost.
      this.#socket.terminate();
    }
  }

  /** The client sends no more, and may still listen. */
  endOfQueries(): void {
    this.#hasAskedAll = true;
    this.#endWhenDone();
  }

  /** The socket takes more. */
  drain(): void {
    const written = this.#socket.write(this.#backlog);
    this.#backlog = this.#backlog.subarray(Math.max(written, 0));
    this.#endWhenDone();
  }

  closed(): void {
    this.#isClosed = true;
  }

  async #answer(message: Buffer): Promise<void> {
    this.#waiting += 1;
    const reply = await this.#resolver.answer(message, 'tcp');
    this.#waiting -= 1;
    if (this.#isClosed) return;
    if (reply !== undefined) this.#backlog = Buffer.concat([this.#backlog, frame(reply)]);
    if (this.#backlog.length > longestBacklog) this.#socket.terminate();
    else this.drain();
  }

  #endWhenDone(): void {
    const isDone = this.#hasAskedAll && this.#waiting === 0 && this.#backlog.length === 0;
    if (isDone && !this.#isClosed) this.#socket.end();
  }
}
