/**
 * .dockerignore: which files of a context a build does not see. Later lines win over earlier ones, and what holds for a
 * directory holds for what is in it.
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
import { posix } from 'node:path';
import { InvalidError } from '../lib/errors.ts';

export interface IgnoreRules {
  /** True where this file or directory is left out. @param path below the context, without a slash at either end. */
  ignores(path: string): boolean;
  /** False where no line takes anything back in below an ignored directory: it need not be opened. */
  mayIncludeBelow(directory: string): boolean;
  /** Whether any line takes something back in. */
  readonly hasExceptions: boolean;
}

interface Rule {
  /** Begins with `!`: takes back in. */
  readonly isException: boolean;
  readonly pattern: RegExp;
  /** One pattern for each part of the path; undefined from the first `**` on, which is any number of parts. */
  readonly parts: readonly (RegExp | undefined)[];
}

/** @throws InvalidError for a pattern that none is. */
export function parseIgnore(text: string): IgnoreRules {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line) => parseLine(line));
  return {
    ignores: (path) => isIgnored(rules, path),
    mayIncludeBelow: (directory) => rules.some((rule) => rule.isException && reachesBelow(rule, directory)),
    hasExceptions: rules.some(({ isException }) => isException),
  };
}

function parseLine(line: string): readonly Rule[] {
  if (line.startsWith('#')) return [];
  const trimmed = line.trim();
  const isException = trimmed.startsWith('!');
  const written = isException ? trimmed.slice(1).trim() : trimmed;
  if (written === '') {
    if (isException) throw new InvalidError('illegal exclusion pattern: "!"');
    return [];
  }
  const pattern = posix.normalize(written).replace(/^\//, '').replace(/\/$/, '');
  // For historical reasons `.` means nothing.
  if (pattern === '' || pattern === '.') return [];
  const parts = pattern.split('/');
  const deep = parts.findIndex((part) => part.includes('**'));
  const plain = deep === -1 ? parts : parts.slice(0, deep);
  return [
    {
      isException,
      pattern: compile(pattern, line),
      parts: [...plain.map((part) => compile(part, line)), ...(deep === -1 ? [] : [undefined])],
    },
  ];
}

function isIgnored(rules: readonly Rule[], path: string): boolean {
  const lines = [...ancestors(path), path];
  const last = rules.findLast(({ pattern }) => lines.some((each) => pattern.test(each)));
  return last !== undefined && !last.isException;
}

function* ancestors(path: string): Generator<string> {
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    yield path.slice(0, slash);
  }
}

/** Part by part: the pattern names something below the directory, the directory itself, or one that it is in. */
function reachesBelow({ parts }: Rule, directory: string): boolean {
  for (const [at, name] of directory.split('/').entries()) {
    const part = parts[at];
    if (part === undefined) return true;
    if (!part.test(name)) return false;
  }
  return true;
}

/** Go's path.Match with `**` on top, as moby reads it. https://pkg.go.dev/path#Match */
function compile(pattern: string, line: string): RegExp {
  try {
    return new RegExp(`^${translate(pattern)}$`, 'su');
  } catch (cause) {
    throw new InvalidError(`syntax error in pattern: ${JSON.stringify(line.trim())}`, { cause });
  }
}

function translate(pattern: string): string {
  // `**.md` is whatever ends so; elsewhere `**` is any number of whole directories.
  const suffix = /^\*\*([^/*?[\]\\]+)$/.exec(pattern);
  if (suffix) return `.*${escape(suffix[1] ?? '')}`;
  return pattern.replaceAll(
    /\*\*\/?(?:(?<end>$)|)|\*|\?|\[\^?(?:\\.|[^\]\\])+\]|\\(?<literal>.)|[^]/gu,
    (token, ...rest) => {
      const { end, literal } = rest.at(-1) as { end?: string; literal?: string };
      if (token.startsWith('**')) return end === undefined ? '(?:.*/)?' : '.*';
      if (token === '*') return '[^/]*';
      if (token === '?') return '[^/]';
      // A class is the same in both languages; one without an end none in either.
      if (token.startsWith('[')) return token;
      return escape(literal ?? token);
    },
  );
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
