/** How the arguments of an instruction come apart: at blanks, at blanks outside of quotes, or as a JSON list. Pure. */
import { InvalidError } from '../lib/errors.ts';
import type { Escape } from './instruction.ts';

/** What Go calls a space; JavaScript's `\s` differs in two. */
const spaces = '\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const space = new RegExp(`[${spaces}]`);
const leadingSpaces = new RegExp(`^[${spaces}]+`);

export function isSpace(character: string): boolean {
  return space.test(character);
}

export function trimStart(text: string): string {
  return text.replace(leadingSpaces, '');
}

export function trim(text: string): string {
  const from = trimStart(text);
  let end = from.length;
  while (end > 0 && isSpace(from.charAt(end - 1))) end--;
  return from.slice(0, end);
}

/** By hand: an expression that looks for the end takes quadratic time on a line of blanks. */
export function trimEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

export interface Split {
  /** As written. */
  readonly keyword: string;
  /** The `--name=value` words before the arguments, quotes and escapes taken off. */
  readonly flags: readonly string[];
  readonly rest: string;
}

/** An instruction's line: its word, its flags, and the rest, trimmed. */
export function splitInstruction(line: string, escape: Escape): Split {
  const trimmed = trim(line);
  const blank = /[\t\v\f\r ]+/.exec(trimmed);
  if (!blank) return { keyword: trimmed, flags: [], rest: '' };
  const { flags, rest } = takeFlags(trimmed.slice(blank.index + blank[0].length), escape);
  return { keyword: trimmed.slice(0, blank.index), flags, rest: trim(rest) };
}

/** Flags end at the first word that does not begin with `--`, or after `--` itself. */
function takeFlags(text: string, escape: Escape): { flags: string[]; rest: string } {
  const flags: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text.charAt(at))) at++;
    else if (!text.startsWith('--', at)) return { flags, rest: text.slice(at) };
    else {
      const word = takeWord(text, at, escape);
      at = word.end;
      if (word.value === '--') return { flags, rest: text.slice(at) };
      flags.push(word.value);
    }
  }
  return { flags, rest: '' };
}

function takeWord(text: string, start: number, escape: Escape): { value: string; end: number } {
  const value: string[] = [];
  let quote = '';
  let at = start;
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote === '' && isSpace(character)) break;
    if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === escape) value.push(text.charAt(++at));
    else value.push(character);
  }
  return { value: value.join(''), end: at };
}

/** Words at blanks outside of quotes; quotes and escapes stay on, for expand.ts to read. */
export function quotedWords(text: string, escape: Escape): string[] {
  const words: string[] = [];
  let word: string[] = [];
  let quote = '';
  const end = (): void => {
    if (word.length > 0) words.push(word.join(''));
    word = [];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote === '' && isSpace(character)) {
      end();
      continue;
    }
    if (character === escape && quote !== "'") {
      // At the very end it escapes nothing, and goes.
      if (at + 1 < text.length) word.push(character, text.charAt(++at));
      continue;
    }
    if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    word.push(character);
  }
  end();
  return words;
}

/** Words at blanks, whatever stands between. */
export function blankWords(text: string): string[] {
  return text === '' ? [] : text.split(/[\t\v\f\r ]+/);
}

/**
 * The words of the JSON form, `["a", "b"]`; undefined where the text is no JSON list, which makes it the other form.
 * @throws InvalidError for a list of other things than strings.
 */
export function jsonWords(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (!value.every((item) => typeof item === 'string')) {
    throw new InvalidError('when using JSON array syntax, arrays must be comprised of strings only');
  }
  return value;
}
