/**
 * The files of a context, below a directory, in the order of their names. What .dockerignore leaves out is not listed,
 * and a directory of which nothing can be left is not even opened.
 */
import { type Stats, lstatSync, readdirSync } from 'node:fs';
import type { IgnoreRules } from '../../dockerfile/ignore.ts';
import { errnoOf, InvalidError } from '../../lib/errors.ts';

/** Text where it is UTF-8, which file systems don't promise, else bytes. */
export type FileName = string | Buffer;

export interface ContextFile {
  /** Below the context, without a slash at either end. */
  readonly path: FileName;
  /** Where it lies. */
  readonly place: FileName;
  readonly stat: Stats;
}

/** @param always paths that are listed though the rules ignore them: the Dockerfile is needed to build at all. */
export function* listContext(
  directory: string,
  rules: IgnoreRules,
  always: ReadonlySet<string>,
): Generator<ContextFile, void, undefined> {
  yield* listDirectory(directory, '', rules, always);
}

function* listDirectory(
  place: FileName,
  path: FileName,
  rules: IgnoreRules,
  always: ReadonlySet<string>,
): Generator<ContextFile, void, undefined> {
  for (const name of namesIn(place)) {
    const inner = path.length === 0 ? name : join(path, name);
    const innerPlace = join(place, name);
    const text = inner.toString();
    const isListed = always.has(text) || !rules.ignores(text);
    const stat = statOf(innerPlace);
    // Gone since the directory was read, or nothing that an archive can hold.
    if (!stat || stat.isSocket()) continue;
    if (isListed) yield { path: inner, place: innerPlace, stat };
    if (stat.isDirectory() && (isListed || mayHoldFiles(text, rules, always))) {
      yield* listDirectory(innerPlace, inner, rules, always);
    }
  }
}

function join(directory: FileName, name: FileName): FileName {
  if (typeof directory === 'string' && typeof name === 'string') return `${directory}/${name}`;
  return Buffer.concat([Buffer.from(directory), Buffer.from('/'), Buffer.from(name)]);
}

function mayHoldFiles(path: string, rules: IgnoreRules, always: ReadonlySet<string>): boolean {
  return rules.mayIncludeBelow(path) || [...always].some((each) => each.startsWith(`${path}/`));
}

/** What stands in a text for bytes that are none. */
const replacement = '\uFFFD';

function namesIn(place: FileName): readonly FileName[] {
  try {
    const names = readdirSync(place);
    if (!names.some((name) => name.includes(replacement))) return names.toSorted();
    return readdirSync(place, { encoding: 'buffer' }).toSorted((a, b) => a.compare(b));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw unreadable(place, error);
  }
}

function statOf(place: FileName): Stats | undefined {
  try {
    return lstatSync(place);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw unreadable(place, error);
  }
}

/** What docker says of a file that it may not read. */
export function unreadable(place: FileName, cause: unknown): InvalidError {
  const path = place.toString();
  const reason =
    errnoOf(cause) === 'EACCES' ? `no permission to read from '${path}'` : `can't stat '${path}'`;
  return new InvalidError(`error checking context: ${reason}`, { cause });
}
