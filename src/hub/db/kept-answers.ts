/**
 * Answers of small reads that every request repeats, kept while the database stays as it is. What anybody has written is seen at
 * once, by whichever process.
 */

/** Of all answers to one read; more come from scans of names that nobody repeats. */
const maxSize = 8 * 1024 * 1024;
/** Of one answer, and what a small row takes at least. */
const maxAnswerSize = 64 * 1024;
export const minAnswerSize = 1024;

type Values = readonly unknown[];
type Read<Row> = (...values: Values) => Row;

export class KeptAnswers {
  readonly #hasChanged: () => boolean;
  readonly #reads: Answers<unknown>[] = [];

  /** @param hasChanged tells whether anybody has written to the database since it was asked last. */
  constructor(hasChanged: () => boolean) {
    this.#hasChanged = hasChanged;
  }

  /**
   * `read`, asked again only for what it was not asked since the last write.
   * @param sizeOf what an answer holds beside a small row, in bytes.
   */
  of<Row>(read: Read<Row>, sizeOf: (row: Row) => number): Read<Row> {
    const answers = new Answers<Row>();
    this.#reads.push(answers);
    return (...values) => {
      if (this.#hasChanged()) this.#forget();
      const key = values.join('\0');
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = read(...values);
      answers.set(key, answer, minAnswerSize + sizeOf(answer));
      return answer;
    };
  }

  #forget(): void {
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
