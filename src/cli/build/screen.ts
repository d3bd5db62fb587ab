/** Lines of text that are drawn over again in place: only what has changed is written, in one go, and nothing flickers. */
import type { Output } from '../output.ts';

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
/** Terminals that know synchronized updates show all of it at once; others ignore these. */
const beginUpdate = '\x1b[?2026h';
const endUpdate = '\x1b[?2026l';

export class Screen implements AsyncDisposable {
  readonly #out: Output;
  #lines: readonly string[] = [];
  #columns = 0;

  constructor(out: Output) {
    this.#out = out;
    process.on('exit', this.#restore);
  }

  /** Replaces what was drawn before. @param columns the width of the window now; no line is longer. */
  async draw(lines: readonly string[], columns: number): Promise<void> {
    const isResized = this.#columns !== 0 && columns !== this.#columns;
    const text = isResized ? this.#redraw(lines, columns) : this.#update(lines);
    this.#lines = lines;
    this.#columns = columns;
    if (text !== '') await this.#out.write(beginUpdate + hideCursor + text + endUpdate);
  }

  #update(lines: readonly string[]): string {
    const before = this.#lines;
    const first = lines.findIndex((line, at) => line !== before[at]);
    if (first === -1 && lines.length >= before.length) return '';
    const start = first === -1 ? lines.length : first;
    let text = up(before.length - start);
    for (const [at, line] of lines.entries()) {
      if (at < start) continue;
      text += line === before[at] ? '\n' : `${line}\x1b[K\n`;
    }
    return lines.length < before.length ? `${text}\x1b[J` : text;
  }

  /** A narrower window has broken the old lines into more rows than there are lines. */
  #redraw(lines: readonly string[], columns: number): string {
    const rows = this.#lines.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(Bun.stringWidth(line) / columns)),
      0,
    );
    return `${up(rows)}\x1b[J${lines.map((line) => `${line}\n`).join('')}`;
  }

  readonly #restore = (): void => void this.#out.write(showCursor);

  /** What is drawn stays; the cursor comes back. */
  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#restore);
    await this.#out.write(showCursor);
  }
}

function up(rows: number): string {
  return rows > 0 ? `\r\x1b[${rows}A` : '\r';
}
