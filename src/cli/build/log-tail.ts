/** The last lines that a step wrote, as they may be shown: bounded, and without what would move a terminal's cursor. */

/** Cut off beyond: a line without an end is no picture. */
const longest = 4096;

// CSI sequences, OSC strings, other escapes; then controls, but for the ends of lines and tabs.
const escapes =
  // oxlint-disable-next-line no-control-regex
  /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

export interface LogLine {
  /** Milliseconds since 1970, of the line's beginning. */
  readonly at: number;
  readonly text: string;
}

export class LogTail {
  readonly #most: number;
  #lines: LogLine[] = [];
  /** A line whose end has not come yet. */
  #open: LogLine | undefined;

  /** @param most lines are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes what was written at `at`; it may begin and end within a line. */
  push(text: string, at: number): void {
    const [first = '', ...rest] = text.split('\n');
    this.#extend(first, at);
    for (const each of rest) {
      this.#end(at);
      this.#extend(each, at);
    }
  }

  /** The last lines, the unfinished one too; a line's last state where it overwrote itself. */
  last(count: number): readonly LogLine[] {
    const all = this.#open ? [...this.#lines, this.#open] : this.#lines;
    return all.slice(-count).map(({ at, text }) => ({ at, text: cleanLine(text) }));
  }

  #extend(text: string, at: number): void {
    if (text === '') return;
    const { at: since, text: before } = this.#open ?? { at, text: '' };
    this.#open = { at: since, text: (before + text).slice(0, longest) };
  }

  #end(at: number): void {
    this.#lines.push(this.#open ?? { at, text: '' });
    if (this.#lines.length > 2 * this.#most) this.#lines = this.#lines.slice(-this.#most);
    this.#open = undefined;
  }
}

/** `10%\r20%` → `20%`, colours gone, tabs as blanks. */
function cleanLine(text: string): string {
  const plain = text.replaceAll(escapes, '').replace(/\r+$/, '');
  return plain.slice(plain.lastIndexOf('\r') + 1).replaceAll('\t', '    ');
}
