/** The small grammar inside a Dockerfile instruction: words with quotes, name=value pairs, the JSON form. Pure. */
import { InvalidError } from '../../lib/errors.ts';

/** Words, quotes taken off: `a "b c" d\ e`. */
export function words(text: string): string[] {
  return (text.match(/(?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*'|["'\\])+/g) ?? []).map(unquote);
}

function unquote(word: string): string {
  return word.replaceAll(
    /"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|\\([\s\S])/g,
    (whole, double?: string, singleQuoted?: string, escaped?: string) =>
      double?.replaceAll(/\\(["\\$])/g, '$1') ?? singleQuoted ?? escaped ?? whole,
  );
}

/** `a=b "c d"=e`, or the old form `name the rest`. @throws InvalidError for a word without `=`. */
export function keyValues(instruction: string, text: string): (readonly [string, string])[] {
  const list = words(text);
  if (list[0]?.includes('=') !== true) {
    const [, name, value] = /^(\S+)\s+([\s\S]+)$/.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw new InvalidError(`${instruction} must have two arguments`);
    return [[name, value]];
  }
  return list.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 1) {
      throw new InvalidError(
        `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      );
    }
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
}

/** The list of the JSON form `["a","b"]`; undefined where the text is something else. */
export function jsonStrings(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's durations: `1m30s`, `500ms`. */
export function durationNanoseconds(text: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) {
    throw new InvalidError(`time: invalid duration ${JSON.stringify(text)}`);
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  return Math.round(
    parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0), 0),
  );
}
