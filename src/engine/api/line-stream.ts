/** An answer of JSON lines: what a client does not read is not piled up. */

/** In bytes: with more than this unread, whoever can wait waits. */
const mostQueued = 64 * 1024;

export class LineStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly #begun = Promise.withResolvers<void>();
  /** Of this turn: they go out together. */
  #lines: string[] = [];
  #size = 0;
  #isBegun = false;
  #open = true;
  #read = Promise.withResolvers<void>();

  /** @param onCancel called when the client goes away. */
  constructor(onCancel: () => void) {
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#wake(),
        cancel: () => {
          this.#open = false;
          this.#wake();
          onCancel();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: mostQueued }),
    );
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Resolves at the first line. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** In bytes: what the client has not taken. */
  get queued(): number {
    return this.#open ? this.#size + mostQueued - (this.#controller?.desiredSize ?? mostQueued) : 0;
  }

  /** Undefined when the client can take more, or has gone; else a promise of that. */
  get room(): Promise<void> | undefined {
    return this.queued >= mostQueued ? this.#read.promise : undefined;
  }

  /** @param isDroppable a client that does not read misses steps of the progress, not results. */
  send(line: object, isDroppable = false): void {
    this.#isBegun = true;
    this.#begun.resolve();
    if (!this.#open || (isDroppable && this.room)) return;
    if (this.#lines.length === 0) setImmediate(() => this.#flush());
    const text = `${JSON.stringify(line)}\r\n`;
    this.#lines.push(text);
    this.#size += text.length;
  }

  end(): void {
    this.#flush();
    if (this.#open) this.#controller?.close();
    this.#open = false;
    this.#wake();
  }

  #flush(): void {
    const text = this.#lines.join('');
    this.#lines = [];
    this.#size = 0;
    if (this.#open && text !== '') this.#controller?.enqueue(this.#encoder.encode(text));
  }

  #wake(): void {
    this.#read.resolve();
    this.#read = Promise.withResolvers();
  }
}

export interface LinesOptions {
  /** The client's: aborted when it goes away. */
  readonly signal: AbortSignal;
  /** Answers at once, so that every failure is a last line. */
  readonly isBegun?: boolean;
  /** What failed after the first line, as a last one; undefined: it has been told. */
  readonly failure: (error: unknown) => object | undefined;
}

/**
 * Runs `work` and answers with the lines that it sends. Resolves at the first one, or when `work` ends without.
 * What fails before is thrown, to become a status.
 */
export async function linesResponse(
  work: (lines: LineStream, signal: AbortSignal) => Promise<unknown>,
  { signal, isBegun = false, failure }: LinesOptions,
): Promise<Response> {
  const gone = new AbortController();
  const lines = new LineStream(() => gone.abort(new DOMException('the client went away', 'AbortError')));
  const ended = work(lines, AbortSignal.any([signal, gone.signal])).then(
    () => lines.end(),
    (error: unknown) => {
      if (!isBegun && !lines.isBegun) throw error;
      const line = failure(error);
      if (line) lines.send(line);
      lines.end();
    },
  );
  if (!isBegun) await Promise.race([lines.begun, ended]);
  ended.catch(() => undefined);
  return new Response(lines.readable, { headers: { 'Content-Type': 'application/json' } });
}
