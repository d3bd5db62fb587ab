/**
 * One page that follows what happens, as server-sent events. What it may not see any more ends it: it is asked before every
 * event. A reader that is slow gets the latest of each kind and not a queue of all.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */

/** Of a kind only the latest is kept: `changed` asks the page to read again, `progress` replaces what came before. */
export type LiveEventKind = 'changed' | 'pushed' | 'progress';

/** In milliseconds. */
export const minBetween = 200;
const heartbeat = 20_000;
/** The page comes back after it; one that is gone without a word is forgotten then. */
const lifetime = 10 * 60_000;
/** Events that wait for the reader. */
const maxQueued = 8;

const encoder = new TextEncoder();

export interface LiveStreamOptions {
  /** Whether who reads may still see what is followed. */
  readonly isAllowed: () => Promise<boolean>;
  /** Once, however it ends. */
  readonly ended: () => void;
}

export class LiveStream {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #options: LiveStreamOptions;
  readonly #waiting = new Map<LiveEventKind, string>();
  readonly #timers: readonly NodeJS.Timeout[];
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #isSending = false;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => void this.#send(),
        cancel: () => this.#forget(),
      },
      new CountQueuingStrategy({ highWaterMark: maxQueued }),
    );
    // The first bytes tell the page that it is connected.
    this.#write(': follow\n\n');
    this.#timers = [setInterval(() => void this.#beat(), heartbeat), setTimeout(() => this.end(), lifetime)];
  }

  /** @param data JSON: it has no line break. */
  offer(kind: LiveEventKind, data: string): void {
    if (!this.#controller) return;
    this.#waiting.set(kind, data);
    void this.#send();
  }

  /** Ends it where the reader has lost the right. */
  async recheck(): Promise<void> {
    if (this.#controller && !(await this.#options.isAllowed())) this.end();
  }

  /** Idempotent. The page connects again, and is told then whether it may. */
  end(): void {
    const controller = this.#controller;
    this.#forget();
    controller?.close();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.#waiting.size > 0 && this.#hasRoom()) {
        await this.recheck();
        for (const [kind, data] of this.#waiting) this.#write(`event: ${kind}\ndata: ${data}\n\n`);
        this.#waiting.clear();
        await Bun.sleep(minBetween);
      }
    } finally {
      this.#isSending = false;
    }
  }

  #hasRoom(): boolean {
    return (this.#controller?.desiredSize ?? 0) > 0;
  }

  async #beat(): Promise<void> {
    await this.recheck();
    if (this.#hasRoom()) this.#write(':\n\n');
  }

  #write(text: string): void {
    this.#controller?.enqueue(encoder.encode(text));
  }

  #forget(): void {
    if (!this.#controller) return;
    this.#controller = undefined;
    this.#waiting.clear();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.ended();
  }
}
