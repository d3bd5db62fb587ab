/** Variables as a check knows them, and which of them a text reads. */
import { expandWord, type Lookup } from '../expand.ts';
import type { Escape } from '../instruction.ts';

/** A lookup that remembers what it was asked for. */
export class RecordingLookup {
  readonly matched = new Set<string>();
  readonly unmatched = new Set<string>();
  readonly #variables: ReadonlyMap<string, string>;

  constructor(variables: ReadonlyMap<string, string>) {
    this.#variables = variables;
  }

  readonly get: Lookup = (name) => {
    const value = this.#variables.get(name);
    (value === undefined ? this.unmatched : this.matched).add(name);
    return value;
  };

  expand(word: string, escape: Escape): string {
    return expandWord(word, this.get, escape);
  }
}
