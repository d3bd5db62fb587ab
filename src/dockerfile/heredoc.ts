/** Here-documents: finding `<<EOF` in a line, and reading what follows it. https://docs.docker.com/reference/dockerfile/#here-documents */
import { InvalidError } from '../lib/errors.ts';
import type { Heredoc } from './instruction.ts';
import { lex } from './shell-word.ts';

/** A heredoc as its word announces it; the content follows in the file. */
export type HeredocWord = Omit<Heredoc, 'content'>;

const nothing = (): undefined => undefined;

/** The heredocs that a line announces, in their order. @throws InvalidError */
export function heredocsIn(line: string): HeredocWord[] {
  if (!line.includes('<<')) return [];
  return wordsOf(line)
    .map(heredocOf)
    .filter((heredoc) => heredoc !== undefined);
}

/** `<<EOF`, `<<-"EOF"`, `3<<EOF`; undefined for any other word. @throws InvalidError */
export function heredocOf(word: string): HeredocWord | undefined {
  const [, tabs, rest] = /^\d*<<(-?)\s*([^<\s][^<]*)$/.exec(word) ?? [];
  if (rest === undefined) return undefined;
  const { words } = lex(rest, { lookup: nothing, escape: '\\', keepUnset: true });
  const [name] = words;
  if (words.length !== 1 || name === undefined) return undefined;
  const [quoted] = lex(rest, { lookup: nothing, escape: '\\', keepUnset: true, keepQuotes: true }).words;
  return { name, tabs: tabs === '-', expands: quotesIn(name) === quotesIn(quoted ?? '') };
}

/** The content without its leading tabs. */
export function withoutTabs(content: string): string {
  return content.replace(/^\t+/gm, '');
}

/** Whether this line, its end cut off, closes the heredoc. */
export function closes({ name, tabs }: HeredocWord, line: string): boolean {
  return (tabs ? line.replace(/^\t+/, '') : line) === name;
}

/** None where the line cannot be read: it may be a script of another language. */
function wordsOf(line: string): readonly string[] {
  try {
    return lex(line, {
      lookup: nothing,
      escape: '\\',
      keepQuotes: true,
      keepEscapes: true,
      keepUnset: true,
    }).words;
  } catch (error) {
    if (error instanceof InvalidError) return [];
    throw error;
  }
}

function quotesIn(text: string): number {
  return text.match(/['"]/g)?.length ?? 0;
}
