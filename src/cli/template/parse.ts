/** From tokens to a tree: text, pipelines, if/with/range with else, variables. */
import { lex, templateError, type Piece, type Token } from './lex.ts';

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

export interface Pipeline {
  /** `$x :=`, `$i, $x :=`. */
  readonly variables: readonly string[];
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand = { readonly at: number; readonly text: string } & (
  | { readonly kind: 'dot' }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'group'; readonly pipeline: Pipeline }
  | { readonly kind: 'field'; readonly of: Operand; readonly name: string }
);

/** @throws InvalidError in Go's words. */
export function parseTemplate(source: string): readonly Node[] {
  const parser = new Parser(source, lex(source));
  const nodes = parser.list([]);
  return nodes;
}

class Parser {
  readonly #source: string;
  readonly #pieces: readonly Piece[];
  #next = 0;

  constructor(source: string, pieces: readonly Piece[]) {
    this.#source = source;
    this.#pieces = pieces;
  }

  /** Nodes up to one of the closing words, which is left to be read. */
  list(closers: readonly string[]): readonly Node[] {
    const nodes: Node[] = [];
    for (let piece = this.#pieces[this.#next]; piece; piece = this.#pieces[this.#next]) {
      const word = keyword(piece);
      if (closers.includes(word)) return nodes;
      this.#next++;
      nodes.push(this.#node(piece, word));
    }
    if (closers.length > 0) throw templateError(this.#source, this.#source.length, 'unexpected EOF');
    return nodes;
  }

  #node(piece: Piece, word: string): Node {
    if (piece.kind === 'text') return piece;
    if (word === 'if' || word === 'with' || word === 'range') return this.#block(word, piece);
    if (word === 'end' || word === 'else')
      throw templateError(this.#source, piece.at, `unexpected {{${word}}}`);
    return { kind: 'output', pipeline: this.#pipeline(piece.tokens, piece.at) };
  }

  #block(kind: 'if' | 'with' | 'range', piece: Extract<Piece, { kind: 'action' }>, skip = 1): Node {
    const pipeline = this.#pipeline(meaningful(piece.tokens, skip), piece.at);
    const body = this.list(['end', 'else']);
    const closer = this.#pieces[this.#next++];
    if (!closer || keyword(closer) === 'end' || closer.kind === 'text') {
      return { kind, pipeline, body, otherwise: [] };
    }
    const chained = closer.tokens.filter((token) => token.kind !== 'space')[1]?.text;
    if (chained === 'if' || chained === 'with') {
      return { kind, pipeline, body, otherwise: [this.#block(chained, closer, 2)] };
    }
    const otherwise = this.list(['end']);
    this.#next++;
    return { kind, pipeline, body, otherwise };
  }

  #pipeline(tokens: readonly Token[], at: number): Pipeline {
    const reader = new PipelineReader(this.#source, tokens);
    const pipeline = reader.pipeline(at);
    reader.expectEnd();
    return pipeline;
  }
}

function keyword(piece: Piece): string {
  if (piece.kind === 'text') return '';
  const first = piece.tokens.find((token) => token.kind !== 'space');
  return first?.kind === 'word' ? first.text : '';
}

/** The tokens behind the first `skip` words. */
function meaningful(tokens: readonly Token[], skip: number): readonly Token[] {
  let left = skip;
  return tokens.filter((token) => left <= 0 || (token.kind !== 'space' && left-- < 0));
}

class PipelineReader {
  readonly #source: string;
  readonly #tokens: Token[];

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = [...tokens];
  }

  pipeline(at: number): Pipeline {
    const variables = this.#declaration();
    const commands: Operand[][] = [];
    do commands.push(this.#command(at));
    while (this.#accept('|'));
    return { variables, commands };
  }

  expectEnd(): void {
    this.#skipSpace();
    const token = this.#tokens[0];
    if (token)
      throw templateError(this.#source, token.at, `unexpected ${JSON.stringify(token.text)} in operand`);
  }

  #declaration(): readonly string[] {
    const words = this.#tokens.filter((token) => token.kind !== 'space');
    const assign = words.findIndex((token) => token.text === ':=' || token.text === '=');
    const names = words.slice(0, Math.max(assign, 0)).filter((token) => token.text !== ',');
    if (assign === -1 || !names.every((token) => token.kind === 'variable')) return [];
    while (this.#tokens.shift()?.at !== words[assign]?.at);
    return names.map((token) => token.text);
  }

  #command(at: number): Operand[] {
    const operands: Operand[] = [];
    for (let operand = this.#operand(); operand; operand = this.#operand()) operands.push(operand);
    if (operands.length === 0) throw templateError(this.#source, at, 'missing value for command');
    return operands;
  }

  #operand(): Operand | undefined {
    this.#skipSpace();
    const token = this.#tokens[0];
    if (!token || token.text === '|' || token.text === ')') return undefined;
    this.#tokens.shift();
    let operand = this.#primary(token);
    // A field that follows without a blank belongs to what stands before it: `.a.b`, `(index .x 0).y`.
    for (let next = this.#tokens[0]; next?.kind === 'field'; next = this.#tokens[0]) {
      this.#tokens.shift();
      operand = {
        kind: 'field',
        of: operand,
        name: next.text.slice(1),
        at: operand.at,
        text: operand.text + next.text,
      };
    }
    return operand;
  }

  #primary(token: Token): Operand {
    const place = { at: token.at, text: token.text };
    const dot: Operand = { kind: 'dot', at: token.at, text: '' };
    if (token.kind === 'field') return { kind: 'field', of: dot, name: token.text.slice(1), ...place };
    if (token.kind === 'variable') return { kind: 'variable', name: token.text, ...place };
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text), ...place };
    if (token.kind === 'string') return { kind: 'literal', value: unquote(token.text), ...place };
    if (token.kind === 'word') return word(token.text, place);
    if (token.text === '.') return { ...dot, text: '.' };
    if (token.text === '(') return this.#group(place);
    throw templateError(this.#source, token.at, `unexpected ${JSON.stringify(token.text)} in command`);
  }

  #group(place: { at: number; text: string }): Operand {
    const pipeline = this.pipeline(place.at);
    if (!this.#accept(')')) throw templateError(this.#source, place.at, 'unclosed left paren');
    return { kind: 'group', pipeline, ...place };
  }

  #accept(text: string): boolean {
    this.#skipSpace();
    if (this.#tokens[0]?.text !== text) return false;
    this.#tokens.shift();
    return true;
  }

  #skipSpace(): void {
    while (this.#tokens[0]?.kind === 'space') this.#tokens.shift();
  }
}

function word(name: string, place: { at: number; text: string }): Operand {
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true', ...place };
  if (name === 'nil') return { kind: 'literal', value: null, ...place };
  return { kind: 'function', name, ...place };
}

function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };
  return text.slice(1, -1).replaceAll(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
}
