/** `cais build --check`: what is doubtful in a Dockerfile. The words are buildx's. */
import { checkDockerfile, type CheckRequest } from '../../dockerfile/checks/check.ts';
import { DockerfileError } from '../../dockerfile/error.ts';
import { excerptOf } from '../../dockerfile/excerpt.ts';
import type { Lines } from '../../dockerfile/instruction.ts';
import { parseDockerfile } from '../../dockerfile/parse.ts';
import { printable } from '../printable.ts';
import { shown } from './closing.ts';
import { formatExcerpt } from './excerpt.ts';

/** @param name of the file, as the user knows it. @returns 1 as the exit code where anything was found. */
export function checkText(
  text: string,
  name: string,
  request: CheckRequest,
): { readonly report: string; readonly code: number } {
  const source = text.split(/\r?\n/);
  const excerpt = (lines: Lines): string => formatExcerpt(name, excerptOf(source, lines).map(shown));
  try {
    const { warnings } = checkDockerfile(parseDockerfile(text), request);
    if (warnings.length === 0) return { report: 'Check complete, no warnings found.\n', code: 0 };
    const count = warnings.length === 1 ? '1 warning has' : `${warnings.length} warnings have`;
    const each = warnings.map(
      ({ rule, url, message, lines }) =>
        `\nWARNING: ${rule}${url === undefined ? '' : ` - ${url}`}\n${printable(message)}\n${excerpt(lines)}`,
    );
    return { report: `Check complete, ${count} been found!\n${each.join('')}`, code: 1 };
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    return { report: `${printable(error.message)}\n${error.lines ? excerpt(error.lines) : ''}`, code: 1 };
  }
}
