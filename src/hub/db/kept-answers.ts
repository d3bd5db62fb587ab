/**
 * Answers of small reads that every request repeats, kept while the database stays as it is: one look at its version serves all
 * reads of a request. What was written before the request is seen, by whichever process; what this process writes, at once.
 */

/** Of all answers to one read; more come from scans of names that nobody repeats. */
const maxSize = 8 * 1024 * 1024;
/** Of one answer, and what a small row takes at least. */
const maxAnswerSize = 64 * 1024;
export const minAnswerSize = 1024;

type Values = readonly unknown[];
type Read<Row> = (...values: Values) => Row;

export class KeptAnswers {
  readonly #version: () => number;
  readonly #reads: Answers<unknown>[] = [];
  #known: number | undefined;
  #isChecked = false;

  /** @param version changes whenever anybody writes to the database. */
  constructor(version: () => number) {
    this.#version = version;
  }

  /**
   * `read`, asked again only for what it was not asked since the last write.
   * @param sizeOf what an answer holds beside a small row, in bytes.
   */
  of<Row>(read: Read<Row>, sizeOf: (row: Row) => number): Read<Row> {
    const answers = new Answers<Row>();
    this.#reads.push(answers);
    return (...values) => {
      this.#check();
      const key = values.join('\0');
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = read(...values);
      answers.set(key, answer, minAnswerSize + sizeOf(answer));
      return answer;
    };
  }

  /** After a write of this process, and where a request begins. */
  recheck(): void {
    this.#isChecked = false;
  }

  #check(): void {
    if (this.#isChecked) return;
    this.#isChecked = true;
    setImmediate(() => this.recheck());
    const version = this.#version();
    if (version === this.#known) return;
    this.#known = version;
    for (const answers of this.#reads) answers.clear();
  }
}

/** A map that starts anew rather than become too large. */
export class Answers<Row> {
  readonly #rows = new Map<string, Row>();
  #size = 0;

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  set(key: string, row: Row, size: number): void {
    if (size > maxAnswerSize) return;
    if (this.#size + size > maxSize) this.clear();
    this.#rows.set(key, row);
    this.#size += size;
  }

  clear(): void {
    this.#rows.clear();
    this.#size = 0;
  }
}
