/** A person at a terminal: a program on a real pty, typed to and read from. */
import { expect } from 'bun:test';

// CSI sequences, OSC strings and single-character escapes: what a terminal swallows.
const escapes = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78DEM])/g;

export class Terminal implements AsyncDisposable {
  readonly #process: Bun.Subprocess;
  readonly #decoder = new TextDecoder();
  #raw = '';
  /** Where the next `waitFor` starts to look. */
  #seen = 0;
  #wake: () => void = () => undefined;

  constructor(
    argv: readonly string[],
    options: { env?: Record<string, string>; cols?: number; rows?: number } = {},
  ) {
    this.#process = Bun.spawn([...argv], {
      env: { ...process.env, TERM: 'xterm', ...options.env },
      terminal: {
        cols: options.cols ?? 140,
        rows: options.rows ?? 40,
        data: (_terminal, bytes) => {
          this.#raw += this.#decoder.decode(bytes, { stream: true });
          this.#wake();
        },
      },
    });
  }

  /** All that was shown, escapes and carriage returns taken out. */
  get text(): string {
    return this.#raw.replaceAll(escapes, '').replaceAll('\r', '');
  }

  /** The raw bytes shown, as text: for what is about colours and cursor moves. */
  get raw(): string {
    return this.#raw;
  }

  /** Types, byte for byte; end with \r for enter. */
  type(keys: string): void {
    this.#process.terminal?.write(keys);
  }

  resize(cols: number, rows: number): void {
    this.#process.terminal?.resize(cols, rows);
  }

  /** For what the kernel sends only to a controlling terminal's group: the child has this terminal, but not as that. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Waits until the pattern shows after what was waited for before; gives all text from there up to its end. */
  async waitFor(pattern: RegExp | string, milliseconds = 30_000): Promise<string> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const unseen = this.text.slice(this.#seen);
      const found = typeof pattern === 'string' ? literal(unseen, pattern) : pattern.exec(unseen);
      if (found) {
        const end = found.index + found[0].length;
        this.#seen += end;
        return unseen.slice(0, end);
      }
      if (Date.now() > deadline || this.#process.exitCode !== null) {
        expect.unreachable(`the terminal did not show ${pattern}; it showed:\n${unseen}`);
      }
      await this.#nextOutput();
    }
  }

  /** The exit code of the program, once it ends by itself. */
  async exited(): Promise<number> {
    return this.#process.exited;
  }

  async #nextOutput(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, 100);
    await promise;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#process.exited;
    this.#process.terminal?.close();
  }
}

function literal(text: string, part: string): { index: number; 0: string } | undefined {
  const index = text.indexOf(part);
  return index === -1 ? undefined : { index, 0: part };
}
