/** Go's template text cut into text and actions, and an action into tokens. https://pkg.go.dev/text/template */
import { InvalidError } from '../../lib/errors.ts';

export interface Token {
  readonly kind: 'field' | 'variable' | 'word' | 'string' | 'number' | 'symbol' | 'space';
  readonly text: string;
  /** Offset in the template. */
  readonly at: number;
}

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly at: number };

const tokenPattern =
  /(?<space>\s+)|(?<field>\.[\p{L}_][\p{L}\p{N}_]*)|(?<variable>\$[\p{L}_]?[\p{L}\p{N}_]*)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<number>[+-]?\d[\d.]*)|(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<symbol>:=|[|().,=])/uy;

/** @throws InvalidError in Go's words: an action that isn't closed, a character that means nothing. */
export function lex(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let trimNext = false;
  for (let offset = 0; offset < source.length;) {
    const open = source.indexOf('{{', offset);
    const trimsBefore = open !== -1 && /^\{\{-\s/.test(source.slice(open, open + 4));
    pushText(pieces, source.slice(offset, open === -1 ? source.length : open), trimNext, trimsBefore);
    if (open === -1) break;
    const start = open + (trimsBefore ? 3 : 2);
    const end = actionEnd(source, start);
    const inner = source.slice(start, end);
    trimNext = /\s-$/.test(inner);
    const body = trimNext ? inner.slice(0, -1) : inner;
    if (!body.trim().startsWith('/*'))
      pieces.push({ kind: 'action', tokens: tokens(source, body, start), at: start });
    offset = end + 2;
  }
  return pieces;
}

function pushText(pieces: Piece[], text: string, trimStart: boolean, trimEnd: boolean): void {
  let trimmed = trimStart ? text.trimStart() : text;
  if (trimEnd) trimmed = trimmed.trimEnd();
  if (trimmed !== '') pieces.push({ kind: 'text', text: trimmed });
}

function actionEnd(source: string, start: number): number {
  for (let at = start; at < source.length; at++) {
    if (source.startsWith('}}', at)) return at;
    const quote = source[at];
    if (quote === '"' || quote === '`') at = skipString(source, at, quote);
  }
  throw templateError(source, start, 'unclosed action');
}

function skipString(source: string, at: number, quote: string): number {
  let end = at + 1;
  while (end < source.length && source[end] !== quote) end += quote === '"' && source[end] === '\\' ? 2 : 1;
  if (end >= source.length) throw templateError(source, at, 'unterminated quoted string');
  return end;
}

function tokens(source: string, body: string, start: number): readonly Token[] {
  const result: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (let at = 0; at < body.length; at = tokenPattern.lastIndex) {
    tokenPattern.lastIndex = at;
    const groups = tokenPattern.exec(body)?.groups;
    const entry = Object.entries(groups ?? {}).find(([, text]) => text !== undefined);
    if (!entry) throw templateError(source, start + at, `unexpected ${JSON.stringify(body[at])} in command`);
    result.push({ kind: entry[0] as Token['kind'], text: entry[1] ?? '', at: start + at });
  }
  return result;
}

/** An error before anything runs, as Go's parser words it. */
export function templateError(source: string, at: number, reason: string): InvalidError {
  return new InvalidError(`template: :${source.slice(0, at).split('\n').length}: ${reason}`);
}
