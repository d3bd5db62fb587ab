/** An answer of JSON lines: what a client does not read is not piled up. */

const maxQueuedLines = 256;

export class LineStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly #begun = Promise.withResolvers<void>();
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
      { highWaterMark: maxQueuedLines },
    );
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Resolves at the first line. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Undefined when the client can take more, or has gone; else a promise of that. */
  get room(): Promise<void> | undefined {
    return this.#open && (this.#controller?.desiredSize ?? 0) <= 0 ? this.#read.promise : undefined;
  }

  /** @param isDroppable a client that does not read misses steps of the progress, not results. */
  send(line: object, isDroppable = false): void {
    this.#isBegun = true;
    this.#begun.resolve();
    if (!this.#open || (isDroppable && this.room)) return;
    this.#controller?.enqueue(this.#encoder.encode(`${JSON.stringify(line)}\r\n`));
  }

  end(): void {
    if (this.#open) this.#controller?.close();
    this.#open = false;
    this.#wake();
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
