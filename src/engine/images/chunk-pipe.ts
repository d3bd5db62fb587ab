/**
 * The second way of bytes that arrive: what a download hands to the unpacker while it writes its file.
 * The writer waits when the reader lags behind; a reader that has ended or failed never holds the writer up.
 */

const bufferBytes = 2 * 1024 * 1024;

export class ChunkPipe {
  readonly readable: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #wake: (() => void) | undefined;
  #open = true;

  constructor() {
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#release(),
        cancel: () => this.close(),
      },
      { highWaterMark: bufferBytes, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  /** Resolves when there is room for more. */
  async write(chunk: Uint8Array): Promise<void> {
    if (!this.#open) return;
    this.#controller?.enqueue(chunk);
    if ((this.#controller?.desiredSize ?? 1) > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** The bytes are complete. */
  end(): void {
    if (this.#open) this.#controller?.close();
    this.close();
  }

  /** The bytes will not come: the reader is told why. */
  fail(error: unknown): void {
    if (this.#open) this.#controller?.error(error);
    this.close();
  }

  /** Nobody reads any more: writes go nowhere from now on. */
  close(): void {
    this.#open = false;
    this.#release();
  }

  #release(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
