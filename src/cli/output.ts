/**
 * Where text goes: a file descriptor, written in order and waited for, so that a slow reader slows us down
 * and nothing is lost when the process ends. Tests give a memory output instead.
 */
import { errnoOf } from '../lib/errors.ts';
import { nodeFs } from './node-fs.ts';

export interface Output {
  readonly isTerminal: boolean;
  /** The width of the terminal; 80 where it is none. */
  readonly columns: number;
  /** Resolves when every byte is with the kernel. A reader that has gone is not an error: see `isClosed`. */
  write(data: string | Uint8Array): Promise<void>;
  /** True once the reader has gone: nothing more will be read. */
  readonly isClosed: boolean;
}

const pause = 1;

/** stdout or stderr. */
export class DescriptorOutput implements Output {
  readonly #descriptor: number;
  readonly #terminal: () => TerminalFacts;
  #facts: TerminalFacts | undefined;
  #isClosed = false;
  #last: Promise<void> = Promise.resolve();

  /** @param terminal looks at the descriptor; asked once, and only when somebody wants to know. */
  constructor(descriptor: number, terminal: () => TerminalFacts) {
    this.#descriptor = descriptor;
    this.#terminal = terminal;
  }

  get isTerminal(): boolean {
    this.#facts ??= this.#terminal();
    return this.#facts.isTerminal;
  }

  get columns(): number {
    this.#facts ??= this.#terminal();
    return this.#facts.columns;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    this.#last = this.#last.then(() => this.#writeAll(bytes));
    return this.#last;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length && !this.#isClosed;) {
      try {
        offset += nodeFs().writeSync(this.#descriptor, bytes, offset);
      } catch (error) {
        // Whoever shares this terminal or pipe may have made it non-blocking.
        if (errnoOf(error) === 'EAGAIN') await Bun.sleep(pause);
        else if (errnoOf(error) === 'EPIPE') this.#isClosed = true;
        else throw error;
      }
    }
  }
}

export interface TerminalFacts {
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** Keeps what is written; for tests and for output that is looked at before it is shown. */
export class MemoryOutput implements Output {
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly isClosed = false;
  readonly #chunks: Uint8Array[] = [];

  constructor(isTerminal = false, columns = 80) {
    this.isTerminal = isTerminal;
    this.columns = columns;
  }

  write(data: string | Uint8Array): Promise<void> {
    this.#chunks.push(typeof data === 'string' ? new TextEncoder().encode(data) : data.slice());
    return Promise.resolve();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
