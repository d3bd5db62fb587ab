/**
 * The files of a context, below a directory, in the order of their names. What .dockerignore leaves out is not listed,
 * and a directory of which nothing can be left is not even opened.
 */
import { type Stats, lstatSync, readdirSync } from 'node:fs';
import { errnoOf, InvalidError } from '../../lib/errors.ts';
import type { IgnoreRules } from '../../dockerfile/ignore.ts';

export interface ContextFile {
  /** Below the context, without a slash at either end. Bytes: file systems don't promise UTF-8. */
  readonly path: Buffer;
  /** Where it lies. */
  readonly place: Buffer;
  readonly stat: Stats;
}

/** @param always paths that are listed though the rules ignore them: the Dockerfile is needed to build at all. */
export function* listContext(
  directory: string,
  rules: IgnoreRules,
  always: ReadonlySet<string>,
): Generator<ContextFile, void, undefined> {
  yield* listDirectory(Buffer.from(directory), Buffer.alloc(0), rules, always);
}

const slash = Buffer.from('/');

function* listDirectory(
  place: Buffer,
  path: Buffer,
  rules: IgnoreRules,
  always: ReadonlySet<string>,
): Generator<ContextFile, void, undefined> {
  for (const name of namesIn(place)) {
    const inner = path.length === 0 ? name : Buffer.concat([path, slash, name]);
    const innerPlace = Buffer.concat([place, slash, name]);
    const text = inner.toString();
    const stat = statOf(innerPlace);
    // Gone since the directory was read, or nothing that an archive can hold.
    if (!stat || stat.isSocket()) continue;
    const isListed = always.has(text) || !rules.ignores(text);
    if (isListed) yield { path: inner, place: innerPlace, stat };
    if (stat.isDirectory() && (isListed || mayHoldFiles(text, rules, always))) {
      yield* listDirectory(innerPlace, inner, rules, always);
    }
  }
}

function mayHoldFiles(path: string, rules: IgnoreRules, always: ReadonlySet<string>): boolean {
  return rules.mayIncludeBelow(path) || [...always].some((each) => each.startsWith(`${path}/`));
}

function namesIn(place: Buffer): readonly Buffer[] {
  try {
    return readdirSync(place, { encoding: 'buffer' }).toSorted((a, b) => a.compare(b));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw unreadable(place, error);
  }
}

function statOf(place: Buffer): Stats | undefined {
  try {
    return lstatSync(place);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw unreadable(place, error);
  }
}

/** What docker says of a file that it may not read. */
export function unreadable(place: Buffer, cause: unknown): InvalidError {
  const reason =
    errnoOf(cause) === 'EACCES'
      ? `no permission to read from '${place.toString()}'`
      : `can't stat '${place.toString()}'`;
  return new InvalidError(`error checking context: ${reason}`, { cause });
}
