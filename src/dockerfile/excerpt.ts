/** Lines of a Dockerfile with the ones that matter marked, and as many around them as BuildKit shows. Pure. */
import type { Lines } from './instruction.ts';

export interface ExcerptLine {
  readonly line: number;
  readonly text: string;
  readonly marked: boolean;
}

/** @param source the file's lines; `lines` beyond them are left out. */
export function excerptOf(source: readonly string[], { first, last }: Lines): readonly ExcerptLine[] {
  const around = first === last ? 4 : 2;
  let start = first;
  let end = Math.min(last, source.length);
  for (let added = 0; added < around; added++) {
    if (start > 1) {
      start--;
      added++;
    }
    if (end < source.length) {
      end++;
      added++;
    }
  }
  return source.slice(start - 1, end).map((text, at) => {
    const line = start + at;
    return { line, text, marked: line >= first && line <= last };
  });
}
