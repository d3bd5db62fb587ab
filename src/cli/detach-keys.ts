/** The keys that leave a container running: found in what is typed, never sent on. */
import { InvalidError } from '../lib/errors.ts';

export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** `ctrl-p,ctrl-q` or `a,b`, as bytes. @throws InvalidError for a key that isn't one character or ctrl- with a letter or @[\]^_. */
export function parseDetachKeys(text: string): readonly number[] {
  return text.split(',').map((key) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) - 64;
    if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
    throw new InvalidError(`invalid detach keys (${text}) provided`);
  });
}

export interface Filtered {
  /** What may be sent on. */
  readonly bytes: Uint8Array;
  readonly isDetached: boolean;
}

/** Looks for the keys; holds their beginning back until the next byte decides. */
export class DetachFilter {
  readonly #keys: readonly number[];
  #matched = 0;

  constructor(keys: readonly number[]) {
    this.#keys = keys;
  }

  push(chunk: Uint8Array): Filtered {
    const bytes: number[] = [];
    for (const byte of chunk) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched++;
        if (this.#matched === this.#keys.length) return { bytes: new Uint8Array(bytes), isDetached: true };
        continue;
      }
      bytes.push(...this.#keys.slice(0, this.#matched));
      // The byte that broke the match may begin another.
      this.#matched = byte === this.#keys[0] ? 1 : 0;
      if (this.#matched === 0) bytes.push(byte);
    }
    return { bytes: new Uint8Array(bytes), isDetached: false };
  }
}
