/** Reads a stream of server-sent events as a page does. */
import { CorruptError } from '../../lib/errors.ts';

export interface LiveEvent {
  readonly kind: string;
  readonly data: unknown;
}

export class LiveReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(response: Response) {
    if (response.status !== 200 || !response.body) throw new CorruptError(`no stream: ${response.status}`);
    this.#reader = response.body.getReader();
  }

  /** The next event, comments left out; undefined when the stream has ended. */
  async next(): Promise<LiveEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end !== -1) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const [, kind, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
        if (kind !== undefined && data !== undefined) return { kind, data: JSON.parse(data) };
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  /** The next event of this kind; undefined when the stream has ended before. */
  async nextOf(kind: string): Promise<LiveEvent | undefined> {
    let event = await this.next();
    while (event && event.kind !== kind) event = await this.next();
    return event;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}
