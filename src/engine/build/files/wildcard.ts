/**
 * Go's filepath.Match for one part of a path: `*`, `?`, `[a-z]`, `[^a]` and `\` before a character meant as it is. Never
 * more steps than the pattern's length times the name's. https://pkg.go.dev/path/filepath#Match
 */

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'class';
      readonly isNegated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** A part of a pattern, ready to be asked. One that is malformed matches nothing, as in BuildKit. */
export class Wildcard {
  readonly #tokens: readonly Token[] | undefined;
  /** Most parts are plain names. */
  readonly #literal: string | undefined;

  constructor(pattern: string) {
    this.#literal = /[*?[\\]/.test(pattern) ? undefined : pattern;
    this.#tokens = tokenize(charactersOf(pattern));
  }

  matches(name: string): boolean {
    if (this.#literal !== undefined) return name === this.#literal;
    return this.#tokens !== undefined && matchTokens(this.#tokens, charactersOf(name));
  }
}

/** Whether a path has characters that Go's matching gives a meaning. */
export function hasWildcards(path: string): boolean {
  return /[*?[]/.test(path.replaceAll(/\\./gs, ''));
}

/** As Go counts them: code points. */
function charactersOf(text: string): string[] {
  return Array.from(text);
}

function tokenize(pattern: readonly string[]): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') {
      tokens.push({ kind: 'any' });
    } else if (char === '[') {
      const parsed = tokenizeClass(pattern, at + 1);
      if (!parsed) return undefined;
      tokens.push(parsed.token);
      at = parsed.end;
    } else {
      if (char === '\\') at += 1;
      const text = pattern[at];
      if (text === undefined) return undefined;
      tokens.push({ kind: 'text', text });
    }
  }
  return tokens;
}

/** @returns the class and where its bracket closes; undefined when it is malformed. */
function tokenizeClass(
  pattern: readonly string[],
  start: number,
): { readonly token: Token; readonly end: number } | undefined {
  let at = start;
  const isNegated = pattern[at] === '^';
  if (isNegated) at += 1;
  const ranges: [string, string][] = [];
  const next = (): string | undefined => {
    if (pattern[at] === '-' || pattern[at] === ']') return undefined;
    if (pattern[at] === '\\') at += 1;
    return pattern[at++];
  };
  for (;;) {
    if (pattern[at] === ']' && ranges.length > 0) break;
    const low = next();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (pattern[at] === '-') {
      at += 1;
      high = next();
    }
    if (high === undefined) return undefined;
    ranges.push([low, high]);
  }
  return { token: { kind: 'class', isNegated, ranges }, end: at };
}

/** Goes back to the last star only: what an earlier one took can stay as it is. */
function matchTokens(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let taken = 0;
  while (at < name.length) {
    const wanted = tokens[token];
    if (wanted?.kind === 'star') {
      star = token++;
      taken = at;
    } else if (wanted && matchOne(wanted, name[at] ?? '')) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      token = star + 1;
      at = ++taken;
    } else {
      return false;
    }
  }
  while (tokens[token]?.kind === 'star') token += 1;
  return token === tokens.length;
}

function matchOne(token: Token, char: string): boolean {
  if (token.kind === 'text') return token.text === char;
  if (token.kind !== 'class') return true;
  const point = pointOf(char);
  const isIn = token.ranges.some(([low, high]) => pointOf(low) <= point && point <= pointOf(high));
  return isIn !== token.isNegated;
}

function pointOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}
