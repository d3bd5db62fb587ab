/**
 * Patterns of names as people write them: `*` for any run of characters, a `/` too, `?` for one. Matched by RE2, so that no
 * pattern takes longer than its length times the name's.
 */
import { RE2JS } from 're2js';
import { InvalidError } from '../../lib/errors.ts';

const maxLength = 128;
const allowed = /^[\w.\-/*?]+$/;

export class NamePattern {
  readonly #compiled: RE2JS;

  private constructor(compiled: RE2JS) {
    this.#compiled = compiled;
  }

  /** @throws InvalidError */
  static of(text: string): NamePattern {
    if (!isNamePattern(text)) {
      throw new InvalidError(
        `${JSON.stringify(text.slice(0, maxLength))} is not a pattern: a name is expected, at most ${maxLength} characters, ` +
          'with * for any characters and ? for one',
      );
    }
    const parts = text.split(/([*?])/).map((part) => {
      if (part === '*') return '.*';
      return part === '?' ? '.' : RE2JS.quote(part);
    });
    return new NamePattern(RE2JS.compile(parts.join('')));
  }

  matches(name: string): boolean {
    return this.#compiled.testExact(name);
  }
}

export function isNamePattern(text: string): boolean {
  return text.length <= maxLength && allowed.test(text);
}
