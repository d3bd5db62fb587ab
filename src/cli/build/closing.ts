/** What stands below the progress: why it failed and where, or what was built and what to type next; warnings. */
import { printable } from '../printable.ts';
import { shortId } from '../human.ts';
import { formatExcerpt } from './excerpt.ts';
import { isForSeveral } from './image-set.ts';
import { type BuildFailure, type BuildModel, type BuiltImage, type BuildWarning } from './model.ts';
import { timestamp } from './plain.ts';

export interface Paint {
  /** `31` is red: https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters */
  (code: number, text: string): string;
}

/** Colours, or none. */
export function painter(isColoured: boolean): Paint {
  return (code, text) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);
}

export interface FailureOptions {
  /** The Dockerfile as the user knows it. */
  readonly file: string;
  /** How much of the step's output. */
  readonly lines: number;
  readonly paint: Paint;
}

/** The failed step with the end of its output, then the lines of the Dockerfile, then the error. */
export function formatFailure(
  model: BuildModel,
  failure: BuildFailure,
  { file, lines, paint }: FailureOptions,
): string {
  const excerpt = failure.source ? formatExcerpt(file, failure.source.map(shown)) : '';
  const error = `${paint(31, 'ERROR:')} failed to build: failed to solve: ${failure.message}\n`;
  return formatOutput(model, failure, lines) + excerpt + error;
}

/** A line of a file as a terminal may show it. */
export function shown<T extends { readonly text: string }>(line: T): T {
  return { ...line, text: printable(line.text.replaceAll('\t', '    ')).replaceAll('\\\\', '\\') };
}

function formatOutput(model: BuildModel, failure: BuildFailure, most: number): string {
  const state = failure.step === undefined ? undefined : model.step(failure.step);
  if (!state) return '';
  const lines = state.log.last(most).map(({ at, text }) => {
    return `${timestamp(Math.max(0, at - state.heardAt) / 1000)} ${text}\n`;
  });
  return `------\n > ${state.step.name}:\n${lines.join('')}------\n`;
}

/** One line for each, its link below it. */
export function formatWarnings(warnings: readonly BuildWarning[], file: string, paint: Paint): string {
  if (warnings.length === 0) return '';
  const title = warnings.length === 1 ? '1 warning found:' : `${warnings.length} warnings found:`;
  const lines = warnings.map(({ rule, message, url, lines: place }) => {
    const where = place ? `${file}:${place.first} ` : '';
    const name = rule === undefined ? '' : `${rule}: `;
    return ` - ${where}${name}${message}\n${url === undefined ? '' : `   ${url}\n`}`;
  });
  return `\n ${paint(33, title)}\n${lines.join('')}`;
}

/** The image, and what may be done with it. @param isPushed just now: then it need not be said how. */
export function formatSuccess(image: BuiltImage, paint: Paint, isPushed = false): string {
  const { id, names, seconds, platforms = [] } = image;
  const [name] = names;
  const label = (text: string): string => paint(1, text.padEnd(6));
  if (isForSeveral(image)) {
    const each = platforms.map(({ platform }) => platform).join(', ');
    return `\n${label('Index')} ${names.join('  ')}  of ${each}  in ${seconds.toFixed(1)}s\n`;
  }
  const next = `cais run --rm -it ${name ?? shortId(id)}`;
  return [
    `\n${label('Image')} ${shortId(id)}${names.map((each) => `  ${each}`).join('')}  in ${seconds.toFixed(1)}s\n`,
    `${label('Run')} ${next}\n`,
    name === undefined || isPushed ? '' : `${label('Push')} cais push ${name}\n`,
  ].join('');
}
