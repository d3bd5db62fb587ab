/** Lines of JSON at the beginning of a stream, and the bytes behind them. */
import { CorruptError, UnavailableError } from './errors.ts';

const longestLine = 64 * 1024;

export class LineReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next line's value, as the other side says it is. @throws UnavailableError where the stream ends, CorruptError */
  async value<T>(): Promise<T> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end !== -1) {
        const line = this.#rest.subarray(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return parse(line) as T;
      }
      if (this.#rest.length > longestLine) throw new CorruptError('the line has no end');
      const { value, done } = await this.#chunks.next();
      if (done === true) throw new UnavailableError('the other side has closed the connection');
      this.#rest = Buffer.concat([this.#rest, value]);
    }
  }

  /** Exactly so many of the bytes that follow. @throws UnavailableError where there are fewer. */
  async *bytes(size: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = size; left > 0;) {
      const chunk = this.#rest.length > 0 ? this.#rest : await this.#next();
      this.#rest = chunk.slice(left);
      const part = chunk.subarray(0, left);
      left -= part.length;
      yield part;
    }
  }

  /** Reads on until the other side ends. */
  async drain(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  async #next(): Promise<Uint8Array> {
    const { value, done } = await this.#chunks.next();
    if (done === true) throw new UnavailableError('the other side has closed the connection');
    return value;
  }
}

function parse(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(line));
  } catch (cause) {
    throw new CorruptError('the line is not JSON', { cause });
  }
}
