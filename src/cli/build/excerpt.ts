/** How lines of a Dockerfile look below an error or a warning, the ones that matter marked. */
import type { BuildSourceLine } from '../../engine-api/build.ts';

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
