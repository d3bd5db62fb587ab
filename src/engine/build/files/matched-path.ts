/**
 * The paths of a tree that one source of an instruction stands for: wildcards looked up, links followed inside the tree,
 * what .dockerignore leaves out not there. Paths are as in oci/layer/layer-path.ts: bytes, relative, the root is ''.
 */
import { posix } from 'node:path';
import { withSuggestion } from '../../../dockerfile/suggest.ts';
import { errnoOf, NotFoundError } from '../../../lib/errors.ts';
import { baseOf, bytesOf, parentOf, textOf } from '../../../oci/layer/layer-path.ts';
import { resolveInRoot } from '../../containers/spec/root-path.ts';
import { closeFile, type FileStat, openDirectory, readNames, statFile } from '../../linux/file.ts';
import { AT_FDCWD } from '../../linux/libc.ts';
import { isDirectory } from '../../snapshots/overlay-format.ts';
import type { FileSelection, SourceTree, TreeSource } from './file-source.ts';
import { WalkFilter } from './walk-filter.ts';
import { hasWildcards, Wildcard } from './wildcard.ts';

export interface MatchedPath {
  readonly tree: SourceTree;
  /** Where it is, after all links. */
  readonly path: string;
  /** As it was asked for: its last name is that of the copy in a directory. */
  readonly asked: string;
  readonly stat: FileStat;
  readonly filter: WalkFilter;
}

/** @throws NotFoundError in BuildKit's words for a path without wildcards that is not there. */
export function matchPaths(
  source: TreeSource,
  selection: Pick<FileSelection, 'excludes' | 'parents'>,
): MatchedPath[] {
  const { tree } = source;
  const find = (path: string, only?: string): MatchedPath[] => {
    const { ignore } = tree;
    const filter = new WalkFilter({
      ignore,
      excludes: selection.excludes,
      ...(only !== undefined && { only }),
    });
    return expand(source, path).flatMap((found) => {
      const match = settle(tree, found, filter);
      if (match) return [match];
      if (found.isLiteral) throw absent(tree, path, filter);
      return [];
    });
  };
  if (!selection.parents) return find(cleanPath(source.path));
  const { top, below } = splitAtPivot(source.path);
  if (!hasWildcards(source.path)) find(posix.join(top, below));
  return find(top, below || undefined);
}

/** `a/./b/c`: what is kept of the path begins behind the dot. */
function splitAtPivot(path: string): { readonly top: string; readonly below: string } {
  const pivot = path.indexOf('/./');
  const [top, below] = pivot === -1 ? ['/', path] : [path.slice(0, pivot), path.slice(pivot + 3)];
  return { top: cleanPath(top), below: cleanPath(below).slice(1) };
}

/** Absolute; what climbs ends at the root. */
function cleanPath(path: string): string {
  return posix.resolve('/', path);
}

interface Found {
  readonly path: string;
  readonly isLiteral: boolean;
}

function expand({ tree, isLiteral }: TreeSource, path: string): Found[] {
  const parts = path.split('/').filter(Boolean);
  const first = isLiteral === true ? -1 : parts.findIndex((part) => hasWildcards(part));
  if (first === -1) return [{ path: latin1(path.slice(1)), isLiteral: true }];
  const start = parts.slice(0, first).join('/');
  const base = resolve(tree, latin1(start))?.path;
  if (base === undefined) throw notFound(`/${start}`);
  const wildcards = parts.slice(first).map((part) => new Wildcard(part));
  return [...namesMatching(tree, base, wildcards)].map((found) => ({ path: found, isLiteral: false }));
}

/** Links are not followed by wildcards. */
function* namesMatching(
  tree: SourceTree,
  directory: string,
  wildcards: readonly Wildcard[],
): Generator<string> {
  const [wildcard, ...rest] = wildcards;
  if (!wildcard) return;
  for (const name of namesIn(tree, directory)) {
    if (!wildcard.matches(name.toString('utf8'))) continue;
    const path = (directory && `${directory}/`) + name.toString('latin1');
    if (rest.length === 0) yield path;
    else yield* namesMatching(tree, path, rest);
  }
}

/** Sorted; none where it is no directory. */
function namesIn(tree: SourceTree, directory: string): Buffer[] {
  try {
    const file = openIn(tree, directory);
    try {
      return readNames(file).toSorted((a, b) => a.compare(b));
    } finally {
      closeFile(file);
    }
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

/** What is at a path; undefined where there is nothing, or nothing to be seen. */
function settle(tree: SourceTree, found: Found, filter: WalkFilter): MatchedPath | undefined {
  const place = resolve(tree, found.path);
  if (!place) return undefined;
  // Neither a link that is left out leads anywhere, nor one to what is left out.
  const isHidden = [found.path, place.path].some((path) => filter.hidesTop(path, isDirectory(place.stat)));
  return isHidden ? undefined : { tree, ...place, asked: found.path, filter };
}

/** Links followed, the last one included. @returns undefined where nothing is. */
function resolve(
  tree: SourceTree,
  path: string,
): { readonly path: string; readonly stat: FileStat } | undefined {
  const place = resolveInRoot(tree.root, textOf(path));
  const resolved = latin1(place.slice(tree.root.length).replace(/^\/+/, ''));
  try {
    const directory = openIn(tree, parentOf(resolved));
    try {
      return { path: resolved, stat: statFile(directory, Buffer.from(baseOf(resolved), 'latin1')) };
    } finally {
      closeFile(directory);
    }
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(errnoOf(error) ?? '');
}

/** A directory of the tree, none of its path's parts being a link. @returns a descriptor. @throws SystemCallError */
export function openIn(tree: SourceTree, path: string): number {
  let directory = openDirectory(AT_FDCWD, tree.root);
  for (const part of path.split('/').filter(Boolean)) {
    try {
      const child = openDirectory(directory, bytesOf(part));
      closeFile(directory);
      directory = child;
    } catch (error) {
      closeFile(directory);
      throw error;
    }
  }
  return directory;
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function notFound(path: string): NotFoundError {
  return new NotFoundError(`${JSON.stringify(cleanPath(path))}: not found`);
}

/** Says why, where that can be told: it is left out, or the name of another file was meant. */
function absent(tree: SourceTree, path: string, filter: WalkFilter): NotFoundError {
  const asked = latin1(path.slice(1));
  const { message } = notFound(path);
  if (resolve(tree, asked) || filter.hidesTop(asked, false)) {
    return new NotFoundError(`${message} (excluded by .dockerignore or --exclude)`);
  }
  const parent = resolve(tree, parentOf(asked))?.path;
  const names = parent === undefined ? [] : namesIn(tree, parent).map((name) => name.toString('utf8'));
  return new NotFoundError(withSuggestion(message, posix.basename(path), names));
}
