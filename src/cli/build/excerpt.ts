/** Lines of a Dockerfile with the ones that matter marked, as BuildKit shows them below an error or a warning. */
import type { BuildLines, BuildSourceLine } from '../../engine-api/build.ts';

const ruler = '-'.repeat(20);

/** @param name of the file, as the user knows it. */
export function formatExcerpt(name: string, source: readonly BuildSourceLine[]): string {
  const first = source.find(({ marked }) => marked) ?? source[0];
  if (!first) return '';
  const lines = source.map(({ line, text, marked }) => {
    return ` ${String(line).padStart(3)} | ${marked ? '>>>' : '   '} ${text}\n`;
  });
  return `${name}:${first.line}\n${ruler}\n${lines.join('')}${ruler}\n`;
}

/** The marked lines with as many around them as BuildKit shows. */
export function excerptOf(
  source: readonly string[],
  { first, last }: BuildLines,
): readonly BuildSourceLine[] {
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
