/** Query parameters as docker reads them. */
import { InvalidError } from '../../lib/errors.ts';

const falseWords = new Set(['', '0', 'no', 'false', 'none']);

/** Anything but these words is true; absent is `absent`. */
export function booleanOf(query: URLSearchParams, name: string, absent = false): boolean {
  const text = query.get(name);
  return text === null ? absent : !falseWords.has(text.trim().toLowerCase());
}

/** @throws InvalidError when it is there and no whole number. */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw new InvalidError(`invalid value for ${name}: "${text}"`);
  return Number(text);
}
