/**
 * The key sequence that ends an attach while the container goes on, found in the bytes on their way to its stdin.
 * A prefix of the sequence is held back until it is clear what it becomes.
 */
import { InvalidError } from '../../../lib/errors.ts';

const defaultKeys = 'ctrl-p,ctrl-q';
const controls = 'abcdefghijklmnopqrstuvwxyz[\\]^_';

/** `ctrl-p,ctrl-q` or `a,ctrl-@`: one byte a key. @throws InvalidError in docker's words. */
export function parseDetachKeys(text: string): Uint8Array {
  const keys = (text === '' ? defaultKeys : text).split(',');
  return Uint8Array.from(keys.map(keyByte));
}

function keyByte(key: string): number {
  if (/^[\x20-\x7e]$/.test(key)) return key.charCodeAt(0);
  const control = /^ctrl-(.)$/.exec(key)?.[1]?.toLowerCase();
  if (control === '@') return 0;
  const index = control === undefined ? -1 : controls.indexOf(control);
  if (index === -1) throw new InvalidError(`Invalid detach keys: Unknown character: '${key}'`);
  return index + 1;
}

export interface Scanned {
  /** What goes to the container: held-back bytes of before first. */
  readonly pass: Uint8Array;
  readonly isDetach: boolean;
}

export class DetachScanner {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  /** What follows the sequence in the same chunk is dropped: nobody is attached any more. */
  scan(chunk: Uint8Array): Scanned {
    if (this.#matched === 0 && !chunk.includes(this.#keys[0] ?? 0)) return { pass: chunk, isDetach: false };
    const pass: number[] = [];
    for (const byte of chunk) {
      this.#take(byte, pass);
      if (this.#matched === this.#keys.length) return { pass: Uint8Array.from(pass), isDetach: true };
    }
    return { pass: Uint8Array.from(pass), isDetach: false };
  }

  /** At the end of input: what was held back after all. */
  flush(): Uint8Array {
    const held = this.#keys.slice(0, this.#matched);
    this.#matched = 0;
    return held;
  }

  /** Falls back to the longest end of what was seen that the sequence begins with. */
  #take(byte: number, pass: number[]): void {
    while (this.#matched > 0 && this.#keys[this.#matched] !== byte) {
      const shorter = this.#fallback();
      pass.push(...this.#keys.subarray(0, this.#matched - shorter));
      this.#matched = shorter;
    }
    if (this.#keys[this.#matched] === byte) this.#matched++;
    else pass.push(byte);
  }

  #fallback(): number {
    for (let length = this.#matched - 1; length > 0; length--) {
      const start = this.#matched - length;
      if (this.#keys.subarray(0, length).every((key, index) => key === this.#keys[start + index]))
        return length;
    }
    return 0;
  }
}
