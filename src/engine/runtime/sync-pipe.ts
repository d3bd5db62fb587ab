/** What conmon writes to the descriptors it inherited: one JSON object a line, `{"data": n, "message"?: "…"}`. */
import type { Socket } from 'bun';
import { UnavailableError } from '../../lib/errors.ts';
import { openDescriptor } from '../linux/descriptor-socket.ts';

export interface SyncMessage {
  /** A process id, an exit code, or below 0: the failure that `message` tells. */
  readonly data: number;
  readonly message?: string;
}

/** Our end of such a pipe (a socket pair, as Bun makes them), read without blocking a thread. */
export class SyncPipe {
  readonly #decoder = new TextDecoder();
  #socket: Socket | undefined;
  #text = '';
  #isEnded = false;
  #wake: () => void = () => undefined;

  /** Takes the descriptor over. */
  static async open(fd: number): Promise<SyncPipe> {
    const pipe = new SyncPipe();
    pipe.#socket = await openDescriptor({
      fd,
      socket: {
        data: (_socket, chunk) => pipe.#receive(chunk),
        close: () => pipe.#end(),
        end: () => pipe.#end(),
        error: () => pipe.#end(),
      },
    });
    return pipe;
  }

  /** Sends a byte: conmon goes on. */
  signal(): void {
    this.#socket?.write('\n');
  }

  /** The next message. @throws UnavailableError when the pipe ends before a whole line. */
  async next(operation: string): Promise<SyncMessage> {
    for (;;) {
      const newline = this.#text.indexOf('\n');
      if (newline !== -1) {
        const line = this.#text.slice(0, newline);
        this.#text = this.#text.slice(newline + 1);
        return parse(line);
      }
      if (this.#isEnded) throw new UnavailableError(`cannot ${operation}: conmon ended without an answer`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Idempotent. */
  close(): void {
    this.#socket?.terminate();
  }

  #receive(chunk: Uint8Array): void {
    this.#text += this.#decoder.decode(chunk, { stream: true });
    this.#wake();
  }

  #end(): void {
    this.#isEnded = true;
    this.#wake();
  }
}

/** conmon 2.1 does not escape every character of the message. */
function parse(line: string): SyncMessage {
  try {
    return JSON.parse(line) as SyncMessage;
  } catch {
    return { data: Number(/"data":\s*(-?\d+)/.exec(line)?.[1] ?? -1), message: line };
  }
}
