/** `cais build --check`: what is doubtful in a Dockerfile, without building it and without an engine. The words are buildx's. */
import { checkDockerfile, type CheckRequest } from '../../dockerfile/checks/check.ts';
import { DockerfileError } from '../../dockerfile/error.ts';
import { excerptOf } from '../../dockerfile/excerpt.ts';
import { parseIgnore } from '../../dockerfile/ignore.ts';
import type { Lines } from '../../dockerfile/instruction.ts';
import { parseDockerfile } from '../../dockerfile/parse.ts';
import { InvalidError, UnsupportedError } from '../../lib/errors.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../printable.ts';
import type { BuildFlags } from './build-flags.ts';
import { buildArguments } from './build-query.ts';
import { shown } from './closing.ts';
import { formatExcerpt } from './excerpt.ts';
import type { BuildSource } from './source.ts';

/** @returns the exit code: 1 where anything was found. */
export async function checkBuild(
  { out, config }: CliContext,
  flags: BuildFlags,
  source: BuildSource,
): Promise<number> {
  if (!flags.check && flags.call !== 'check') {
    throw new InvalidError(`--call=${flags.call} is not supported: build and check are`);
  }
  if (!('dockerfile' in source)) throw new UnsupportedError('--check needs the Dockerfile on this machine');
  const { text, ignore } = source.dockerfile;
  const { report, code } = checkText(text, source.shownName, {
    buildArguments: buildArguments(flags['build-arg'], config.variables),
    target: flags.target || undefined,
    ...(ignore !== '' && { ignore: parseIgnore(ignore) }),
  });
  await out.write(report);
  return code;
}

/** @param name of the file, as the user knows it. */
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
        `\nWARNING: ${rule} - ${url}\n${printable(message)}\n${excerpt(lines)}`,
    );
    return { report: `Check complete, ${count} been found!\n${each.join('')}`, code: 1 };
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    return { report: `${printable(error.message)}\n${error.lines ? excerpt(error.lines) : ''}`, code: 1 };
  }
}
