/**
 * As kept-answers.ts, for a database that answers later: what is kept is as new as the last look at the database's version, and
 * everybody who asks while one look runs shares the next. A request looks once, where it begins.
 */
import { Answers, minAnswerSize } from './kept-answers.ts';
import { SharedRun } from './shared-run.ts';

type Values = readonly unknown[];

/** In milliseconds: what goes on for longer than a request looks again. */
const lookAgainAfter = 100;

export class KeptReads {
  readonly #version: () => Promise<string>;
  readonly #look = new SharedRun(() => this.#compare());
  readonly #reads: Answers<unknown>[] = [];
  #known: string | undefined;
  #validUntil = 0;
  /** How often this process has written, and how often what was kept has been forgotten. */
  #writes = 0;
  #generation = 0;

  /** @param version changes whenever anybody's write is there to be read. */
  constructor(version: () => Promise<string>) {
    this.#version = version;
  }

  /** @param sizeOf what an answer holds beside a small row, in bytes. */
  of<Row>(
    read: (...values: Values) => Promise<Row>,
    sizeOf: (row: Row) => number,
  ): (...values: Values) => Promise<Row> {
    const answers = new Answers<Row>();
    this.#reads.push(answers);
    return async (...values) => {
      if (performance.now() >= this.#validUntil) await this.#look.ask();
      const key = values.join('\0');
      const known = answers.get(key);
      if (known !== undefined) return known;
      const generation = this.#generation;
      const answer = await read(...values);
      // Otherwise it may be older than what the last look has seen.
      if (generation === this.#generation) answers.set(key, answer, minAnswerSize + sizeOf(answer));
      return answer;
    };
  }

  /** @throws what keeps the database from answering. */
  look(): Promise<void> {
    return this.#look.ask();
  }

  /** After a write of this process. */
  written(): void {
    this.#writes += 1;
    this.#validUntil = 0;
  }

  async #compare(): Promise<void> {
    const begun = performance.now();
    const writes = this.#writes;
    this.#validUntil = 0;
    const version = await this.#version();
    if (version !== this.#known) {
      this.#known = version;
      this.#generation += 1;
      for (const answers of this.#reads) answers.clear();
    }
    if (writes === this.#writes) this.#validUntil = begun + lookAgainAfter;
  }
}
