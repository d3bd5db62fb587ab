/**
 * The lines of a file become instructions: comments out, continuations joined, heredocs attached. One pass.
 */
import { DockerfileError, onLines } from './error.ts';
import { closes, heredocsIn, type HeredocWord } from './heredoc.ts';
import type { Escape, Heredoc, Lines } from './instruction.ts';
import { jsonWords, splitInstruction, trim, trimEnd, trimStart } from './words.ts';

export interface LogicalLine {
  readonly text: string;
  readonly lines: Lines;
  readonly comments: readonly string[];
  readonly heredocs: readonly Heredoc[];
  /** The line on which a continuation with empty lines in it ends. */
  readonly emptyContinuation?: number;
}

/** `first`: how many lines the parser directives take. @throws DockerfileError */
export function* logicalLines(
  source: readonly string[],
  first: number,
  escape: Escape,
): Generator<LogicalLine> {
  let comments: string[] = [];
  let at = first;
  while (at < source.length) {
    const begin = trimStart(source[at] ?? '');
    if (begin === '' || begin.startsWith('#')) {
      // An empty line or comment sets the comments above it apart from the instruction.
      const comment = trim(begin.slice(1));
      comments = comment === '' ? [] : [...comments.slice(-maxComments), comment];
      at++;
      continue;
    }
    const joined = joinLines(source, at, escape);
    const lines = { first: at + 1, last: joined.next };
    const heredocs = readHeredocs(source, joined.next, lines, joined.text, escape);
    at = heredocs.next;
    yield {
      text: joined.text,
      lines: { first: lines.first, last: at },
      comments,
      heredocs: heredocs.found,
      ...(joined.hasEmpty && { emptyContinuation: joined.next }),
    };
    comments = [];
  }
}

/** A licence of thousands of lines need not be kept. */
const maxComments = 100;

/** `next`: the index of the first line that is not part of it. */
interface Joined {
  readonly text: string;
  readonly next: number;
  readonly hasEmpty: boolean;
}

function joinLines(source: readonly string[], start: number, escape: Escape): Joined {
  const parts: string[] = [];
  let hasEmpty = false;
  let at = start;
  let continues = true;
  for (; continues && at < source.length; at++) {
    const whole = trimEnd(source[at] ?? '', '\r');
    const content = trimStart(whole);
    if (at > start && content === '') hasEmpty = true;
    else if (at === start || !content.startsWith('#')) {
      const line = at === start ? content : whole;
      const before = withoutContinuation(line, escape);
      continues = before !== undefined;
      parts.push(before ?? line);
    }
  }
  return { text: parts.join(''), next: at, hasEmpty };
}

/** The line without the escape at its end; undefined where none, or an escaped one, stands there. */
function withoutContinuation(line: string, escape: Escape): string | undefined {
  const text = trimEnd(line, ' \t');
  if (!text.endsWith(escape) || text.at(-2) === escape) return undefined;
  return text.slice(0, -1);
}

function readHeredocs(
  source: readonly string[],
  start: number,
  lines: Lines,
  text: string,
  escape: Escape,
): { found: Heredoc[]; next: number } {
  const found: Heredoc[] = [];
  let at = start;
  for (const word of announced(text, lines, escape)) {
    const from = at;
    while (at < source.length && !closes(word, trimEnd(source[at] ?? '', '\r'))) at++;
    if (at === source.length) throw new DockerfileError('unterminated heredoc', { ...lines, last: at });
    const content = source.slice(from, at).map((line) => `${line}\n`);
    found.push({ ...word, content: content.join('') });
    at++;
  }
  return { found, next: at };
}

function announced(text: string, lines: Lines, escape: Escape): HeredocWord[] {
  if (!text.includes('<<') || !mayHaveHeredocs(text, escape)) return [];
  return onLines(lines, () => heredocsIn(text));
}

/** RUN, COPY and ADD, unless in the JSON form; ONBUILD before them. */
function mayHaveHeredocs(text: string, escape: Escape): boolean {
  const outer = splitInstruction(text, escape);
  const isOnBuild = outer.keyword.toUpperCase() === 'ONBUILD';
  const { keyword, rest } = isOnBuild ? splitInstruction(outer.rest, escape) : outer;
  return /^(?:RUN|COPY|ADD)$/i.test(keyword) && jsonWords(rest) === undefined;
}
