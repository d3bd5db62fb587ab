/**
 * The small shell inside a Dockerfile: quotes, escapes and `${…}`, as BuildKit's lexer reads them. One pass over the text,
 * with words kept beside the whole, since splitting comes after replacing.
 * https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
import { InvalidError } from '../lib/errors.ts';
import type { Escape } from './instruction.ts';
import { matches, withoutPrefix, withoutSuffix } from './shell-pattern.ts';
import { isSpace } from './words.ts';

/** The value of a variable; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface LexOptions {
  readonly lookup: Lookup;
  readonly escape: Escape;
  /** Quotes stay in the result. */
  readonly keepQuotes?: boolean;
  /** Escapes stay in the result. */
  readonly keepEscapes?: boolean;
  /** Quotes mean nothing: the text is a file's content. */
  readonly plainQuotes?: boolean;
  /** A variable that is not set stays as written. */
  readonly keepUnset?: boolean;
}

export interface Lexed {
  readonly text: string;
  readonly words: readonly string[];
}

/** How much longer than written a text may become, in characters: what the kernel takes for one argument. */
const maxGrowth = 128 * 1024;
const maxDepth = 64;

/** @throws InvalidError in BuildKit's words: `failed to process "…": …`. */
export function lex(source: string, options: LexOptions): Lexed {
  try {
    return new ShellWord(source, options).read();
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    const shown = source.length > 200 ? `${source.slice(0, 200)}…` : source;
    throw new InvalidError(`failed to process ${JSON.stringify(shown)}: ${error.message}`, { cause: error });
  }
}

/** The text so far, and the words that it makes. */
class Output {
  readonly #text: string[] = [];
  readonly #words: string[] = [];
  #word: string[] = [];

  get text(): string {
    return this.#text.join('');
  }

  words(): string[] {
    this.#endWord();
    return this.#words;
  }

  /** Never splits. */
  whole(text: string): void {
    this.#text.push(text);
    this.#word.push(text);
  }

  /** Splits at spaces. */
  split(text: string): void {
    this.#text.push(text);
    for (const character of text) {
      if (isSpace(character)) this.#endWord();
      else this.#word.push(character);
    }
  }

  #endWord(): void {
    const word = this.#word.join('');
    if (word !== '') this.#words.push(word);
    this.#word = [];
  }
}

class ShellWord {
  readonly #source: string;
  readonly #options: LexOptions;
  readonly #lookup: Lookup;
  #at = 0;
  #depth = 0;
  #left: number;

  constructor(source: string, options: LexOptions) {
    this.#source = source;
    this.#options = options;
    this.#lookup = options.lookup;
    this.#left = source.length + maxGrowth;
  }

  read(): Lexed {
    const output = this.#readUntil('', this.#options.keepEscapes ?? false);
    return { text: output.text, words: output.words() };
  }

  #peek(): string {
    return this.#source.charAt(this.#at);
  }

  #next(): string {
    return this.#source.charAt(this.#at++);
  }

  get #ended(): boolean {
    return this.#at >= this.#source.length;
  }

  #readUntil(stop: string, keepEscapes: boolean): Output {
    const output = new Output();
    const { escape, plainQuotes } = this.#options;
    while (!this.#ended) {
      const character = this.#next();
      if (character === stop) return output;
      if (character === '$') output.split(this.#dollar());
      else if (character === '<') output.whole(this.#possibleHeredoc());
      else if (character === "'" && !plainQuotes) output.whole(this.#singleQuoted());
      else if (character === '"' && !plainQuotes) output.whole(this.#doubleQuoted(keepEscapes));
      else if (character === escape) {
        if (keepEscapes) output.whole(character);
        if (!this.#ended) output.whole(this.#next());
      } else output.split(character);
    }
    if (stop === '') return output;
    throw new InvalidError(`unexpected end of statement while looking for matching ${stop}`);
  }

  /** Nothing can be escaped in it. */
  #singleQuoted(): string {
    const end = this.#source.indexOf("'", this.#at);
    if (end === -1) {
      this.#at = this.#source.length;
      throw new InvalidError('unexpected end of statement while looking for matching single-quote');
    }
    const text = this.#source.slice(this.#at, end);
    this.#at = end + 1;
    return this.#options.keepQuotes ? `'${text}'` : text;
  }

  #doubleQuoted(keepEscapes: boolean): string {
    const { escape, keepQuotes } = this.#options;
    const result = keepQuotes ? ['"'] : [];
    while (!this.#ended) {
      const character = this.#next();
      if (character === '"') {
        if (keepQuotes) result.push('"');
        return result.join('');
      }
      if (character === '$') result.push(this.#dollar());
      else if (character !== escape) result.push(character);
      else {
        if (keepEscapes) result.push(character);
        const escaped = this.#peek();
        if (escaped === '') break;
        // An escape before any other character stands for itself.
        result.push(escaped === '"' || escaped === '$' || escaped === escape ? this.#next() : character);
      }
    }
    throw new InvalidError('unexpected end of statement while looking for matching double-quote');
  }

  /** The blanks between `<<` and its word do not split: the parser finds heredocs by this. */
  #possibleHeredoc(): string {
    if (this.#peek() !== '<') return '<';
    const from = this.#at - 1;
    do this.#at++;
    while ('\t\r '.includes(this.#peek()) && !this.#ended);
    return this.#source.slice(from, this.#at);
  }

  #dollar(): string {
    if (this.#peek() !== '{') {
      const name = this.#name();
      if (name === '') return '$';
      return this.#measured(this.#lookup(name) ?? (this.#options.keepUnset ? `$${name}` : ''));
    }
    this.#at++;
    if (this.#ended) throw new InvalidError("syntax error: missing '}'");
    if ('{}:'.includes(this.#peek())) throw new InvalidError('syntax error: bad substitution');
    if (++this.#depth > maxDepth) throw new InvalidError('substitutions are nested too deeply');
    const result = this.#substitution(this.#name());
    this.#depth--;
    return this.#measured(result);
  }

  /** After `${name`. */
  #substitution(name: string): string {
    const modifier = this.#next();
    if (modifier === '') throw new InvalidError("syntax error: missing '}'");
    if (modifier === '}') {
      return this.#lookup(name) ?? (this.#options.keepUnset ? `\${${name}}` : '');
    }
    if (modifier === '/') return this.#replaced(name);
    const emptyCounts = modifier === ':';
    const operator = emptyCounts ? this.#next() : modifier;
    const written = emptyCounts ? modifier + operator : operator;
    const known = emptyCounts ? '+-?' : '+-?#%';
    if (operator === '' || !known.includes(operator)) {
      throw new InvalidError(`unsupported modifier (${written}) in substitution`);
    }
    const isPattern = operator === '#' || operator === '%';
    const word = this.#inside('}', "missing '}'", isPattern);
    const value = this.#lookup(name);
    if (value === undefined && this.#options.keepUnset) return `\${${name}${written}${word}}`;
    const isSet = value !== undefined && !(emptyCounts && value === '');
    switch (operator) {
      case '-':
        return isSet ? value : word;
      case '+':
        return isSet ? word : '';
      case '?':
        if (isSet) return value;
        throw new InvalidError(
          `${name}: ${word || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`,
        );
      default:
        return trimmed(this.#measured(value ?? ''), operator, word);
    }
  }

  /** `${name/pattern/text}`, and with two slashes all of them. */
  #replaced(name: string): string {
    const all = this.#peek() === '/';
    if (all) this.#at++;
    const pattern = this.#inside('/', "missing '/' in ${}", true);
    const replacement = this.#inside('}', "missing '}'", true);
    const set = this.#lookup(name);
    if (set === undefined && this.#options.keepUnset) return `\${${name}/${pattern}/${replacement}}`;
    const value = set ?? '';
    const parts: string[] = [];
    let done = 0;
    for (const [from, to] of matches(this.#measured(value), pattern, all)) {
      parts.push(value.slice(done, from), this.#measured(replacement));
      done = to;
    }
    return parts.join('') + value.slice(done);
  }

  #inside(stop: string, missing: string, keepEscapes: boolean): string {
    try {
      return this.#readUntil(stop, keepEscapes).text;
    } catch (error) {
      if (this.#ended && error instanceof InvalidError) throw new InvalidError(`syntax error: ${missing}`);
      throw error;
    }
  }

  /** Letters, digits and `_`; or digits alone; or one of the shell's special parameters. */
  #name(): string {
    name.lastIndex = this.#at;
    const [found = ''] = name.exec(this.#source) ?? [];
    this.#at += found.length;
    return found;
  }

  #measured(text: string): string {
    this.#left -= text.length;
    if (this.#left < 0) throw new InvalidError(`the result is longer than ${maxGrowth} characters`);
    return text;
  }
}

const name = /\p{Nd}+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*/uy;

/** `#` from the left, `%` from the right; twice for the longest. */
function trimmed(value: string, operator: string, word: string): string {
  const greedy = word.startsWith(operator);
  const pattern = greedy ? word.slice(1) : word;
  return operator === '#' ? withoutPrefix(value, pattern, greedy) : withoutSuffix(value, pattern, greedy);
}
