/** From the lines of the log to what a client of `logs` gets: those it asked for, framed, with times and details before them. */
import type { LinePlace } from './log-line.ts';
import { emptyPlace, instantOf, placeLine } from './log-line.ts';

export interface LogView {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** As `instantOf` has them; undefined for all. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly timestamps?: boolean | undefined;
  /** Stands before each line. */
  readonly details?: string | undefined;
  /** One stream without frames. */
  readonly tty: boolean;
}

const frameHeader = 8;
/** Below this many bytes a loop is quicker than a call that copies. */
const fewBytes = 32;
const encoder = new TextEncoder();

export class LogPresenter {
  readonly #view: LogView;
  readonly #details: Uint8Array;
  readonly #place = emptyPlace();
  /** By stream: the last piece ended its line. */
  #stdoutStarts = true;
  #stderrStarts = true;
  #output = Buffer.alloc(0);
  #length = 0;
  /** What was asked for has come to its end: `until`. */
  isDone = false;

  constructor(view: LogView) {
    this.#view = view;
    this.#details = encoder.encode(view.details ?? '');
  }

  /** @param block whole lines. @returns bytes of its own; may be empty. */
  present(block: Uint8Array): Uint8Array {
    this.#output = Buffer.allocUnsafe(block.length + 1024);
    this.#length = 0;
    for (let start = 0; start < block.length && !this.isDone; start = this.#place.end) {
      if (placeLine(block, start, this.#place)) this.#take(block, this.#place);
    }
    return this.#output.subarray(0, this.#length);
  }

  #take(block: Uint8Array, place: LinePlace): void {
    const { isStderr, isPartial } = place;
    const starts = isStderr ? this.#stderrStarts : this.#stdoutStarts;
    if (isStderr) this.#stderrStarts = !isPartial;
    else this.#stdoutStarts = !isPartial;
    if (!this.#isWanted(block, place)) return;
    const prefix = starts ? this.#prefix(block, place) : undefined;
    this.#write(block, place, prefix);
  }

  #isWanted(block: Uint8Array, place: LinePlace): boolean {
    const { stdout, stderr, since, until } = this.#view;
    if (since !== undefined || until !== undefined) {
      const instant = instantOf(block, place);
      if (until !== undefined && instant > until) this.isDone = true;
      if (this.isDone || (since !== undefined && instant < since)) return false;
    }
    return place.isStderr ? stderr : stdout;
  }

  /** Once before each line, however many pieces it came in. */
  #prefix(block: Uint8Array, place: LinePlace): Uint8Array | undefined {
    if (!this.#view.timestamps) return this.#details.length > 0 ? this.#details : undefined;
    const time = encoder.encode(`${instantOf(block, place)}Z `);
    return this.#details.length > 0 ? Buffer.concat([time, this.#details]) : time;
  }

  #write(block: Uint8Array, place: LinePlace, prefix: Uint8Array | undefined): void {
    const content = place.contentEnd - place.contentStart;
    const payload = content + (prefix?.length ?? 0);
    this.#reserve(frameHeader + payload);
    const output = this.#output;
    let at = this.#length;
    if (!this.#view.tty) {
      output[at] = place.isStderr ? 2 : 1;
      output[at + 1] = output[at + 2] = output[at + 3] = 0;
      output[at + 4] = payload >>> 24;
      output[at + 5] = payload >>> 16;
      output[at + 6] = payload >>> 8;
      output[at + 7] = payload;
      at += frameHeader;
    }
    if (prefix) {
      output.set(prefix, at);
      at += prefix.length;
    }
    if (content <= fewBytes) {
      for (let from = place.contentStart; from < place.contentEnd; from++) output[at++] = block[from] ?? 0;
    } else {
      output.set(block.subarray(place.contentStart, place.contentEnd), at);
      at += content;
    }
    this.#length = at;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#output.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#output.length * 2, this.#length + more));
    larger.set(this.#output.subarray(0, this.#length));
    this.#output = larger;
  }
}
