/** `-e NAME=value`, `-e NAME`, `--env-file`, and labels, which have the same file format. */
import { errnoOf, InvalidError, messageOf } from '../../../lib/errors.ts';
import { splitOnce } from './create-values.ts';
import { nodeFs } from '../../node-fs.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The environment: files first, then flags; a bare name takes its value from our own environment. */
export function readEnvironment(
  files: readonly string[],
  texts: readonly string[],
  variables: Variables,
): readonly string[] {
  const own = (text: string) => fromOwn(text, variables);
  const fromFiles: string[] = [];
  for (const file of files) {
    for (const line of readLines(file)) {
      // A bare name in a file that isn't set here names nothing; on the command line it unsets.
      const text = own(line);
      if (text.includes('=')) fromFiles.push(text);
    }
  }
  return [...fromFiles, ...texts.map(own)];
}

/** One `-e`. @throws InvalidError without a name. */
export function parseVariable(text: string): string {
  if (splitOnce(text, '=')[0] === '') throw new InvalidError(`invalid environment variable: ${text}`);
  return text;
}

/** One `--label`. @throws InvalidError without a name. */
export function parseLabel(text: string): string {
  if (splitOnce(text, '=')[0] === '') throw new InvalidError(`invalid label '${text}': empty name`);
  return text;
}

function fromOwn(text: string, variables: Variables): string {
  const [name, value] = splitOnce(text, '=');
  const own = variables[name];
  return value === undefined && own !== undefined ? `${name}=${own}` : text;
}

/** `key=value` texts and files of them as a map. */
export function readLabels(
  files: readonly string[],
  texts: readonly string[],
): Readonly<Record<string, string>> {
  const lines: string[] = [];
  for (const file of files) lines.push(...readLines(file));
  return toMap([...lines, ...texts]);
}

/** `key=value` texts as a map; without a value it is empty. */
export function toMap(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key, value = ''] = splitOnce(text, '=');
      return [key, value];
    }),
  );
}

function readLines(file: string): readonly string[] {
  const lines = read(file)
    .replace(/^\uFEFF/, '')
    .split('\n');
  const trimmed = lines.map((line) => line.replace(/\r$/, '').trimStart());
  const meant = trimmed.filter((line) => line !== '' && !line.startsWith('#'));
  const bad = meant.map((line) => splitOnce(line, '=')[0]).find((name) => name === '' || /\s/.test(name));
  if (bad === undefined) return meant;
  throw new InvalidError(
    bad === ''
      ? `invalid env file (${file}): no variable name on line`
      : `invalid env file (${file}): variable '${bad}' contains whitespaces`,
  );
}

function read(file: string): string {
  try {
    return nodeFs().readFileSync(file, 'utf8');
  } catch (error) {
    const reason = errnoOf(error) === 'ENOENT' ? 'no such file or directory' : messageOf(error);
    throw new InvalidError(`open ${file}: ${reason}`, { cause: error });
  }
}
