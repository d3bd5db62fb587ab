/**
 * The patterns of `${x#p}`, `${x%p}` and `${x/p/r}`: `?` one character, `*` any number.
 * They become RE2 expressions, so that no pattern takes more than linear time.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_13
 */
import { RE2JS } from 're2js';
import { InvalidError } from '../lib/errors.ts';

/** `value` without the shortest (`greedy`: longest) match at its beginning. */
export function withoutPrefix(value: string, pattern: string, greedy: boolean): string {
  const matcher = compile(pattern, greedy, true).matcher(value);
  return matcher.find() ? value.slice(matcher.end()) : value;
}

/** As withoutPrefix, at the end. Both sides are reversed: no expression finds the shortest match on the right. */
export function withoutSuffix(value: string, pattern: string, greedy: boolean): string {
  return reverse(withoutPrefix(reverse(value), reversePattern(pattern), greedy));
}

/** Where the longest matches of `pattern` lie in `value`, from left to right; only the first unless `all`. */
export function matches(value: string, pattern: string, all: boolean): [from: number, to: number][] {
  const matcher = compile(pattern, true, false).matcher(value);
  const found: [number, number][] = [];
  while (matcher.find()) {
    const [from, to] = [matcher.start(), matcher.end()];
    // As Go's: no empty match right after another one.
    if (from === to && from === found.at(-1)?.[1]) continue;
    found.push([from, to]);
    if (!all) break;
  }
  return found;
}

/** The time grows with the product of pattern and value. */
const maxPattern = 256;

function compile(pattern: string, greedy: boolean, anchored: boolean): RE2JS {
  if (pattern.length > maxPattern) {
    throw new InvalidError(`a pattern in substitution is longer than ${maxPattern} characters`);
  }
  const characters = Array.from(pattern);
  const result = anchored ? ['^'] : [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const next = characters[at + 1];
    if (character === '*') result.push(greedy ? '.*' : '.*?');
    else if (character === '?') result.push('.');
    else if (character !== '\\') result.push(RE2JS.quote(character));
    // `}` and `/` have to be escaped to stand in ${}; the escape is no part of the pattern.
    else if (next !== '}' && next !== '/') {
      if (next !== '*' && next !== '?' && next !== '\\') {
        throw new InvalidError(
          `invalid pattern (${pattern}) in substitution: invalid escape '\\${next ?? ''}'`,
        );
      }
      result.push(RE2JS.quote(next));
      at++;
    }
  }
  return RE2JS.compile(result.join(''));
}

function reverse(text: string): string {
  return Array.from(text).toReversed().join('');
}

/** An escape stays before what it escapes. */
function reversePattern(pattern: string): string {
  const parts = pattern.match(/\\[\s\S]|[\s\S]/gu) ?? [];
  return parts.toReversed().join('');
}
