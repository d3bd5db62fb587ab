/** The program that a command names, found as the runtime finds it, in its words: clients read them. */
import { join } from 'node:path';
import { errnoOf, InvalidError } from '../../lib/errors.ts';
import { statFollowing } from '../linux/file.ts';

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;

const words: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOTDIR: 'not a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENOEXEC: 'exec format error',
  ETXTBSY: 'text file busy',
  E2BIG: 'argument list too long',
  EPERM: 'operation not permitted',
};

/** What the C library says for it. */
export function wordsOf(errno: string | undefined): string {
  return words[errno ?? ''] ?? errno ?? 'unknown error';
}

/** @param env of the process, NAME=value. @returns a path. @throws InvalidError */
export function findProgram(name: string, env: readonly string[]): string {
  if (name.includes('/')) {
    const problem = problemOf(name);
    if (problem === undefined) return name;
    throw new InvalidError(
      `exec: ${JSON.stringify(name)}: ${problem === 'EACCES' ? wordsOf(problem) : `stat ${name}: ${wordsOf(problem)}`}`,
    );
  }
  const path = env.findLast((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  const found = path
    .split(':')
    .map((directory) => join(directory || '.', name))
    .find((candidate) => problemOf(candidate) === undefined);
  if (found !== undefined && name !== '') return found;
  throw new InvalidError(`exec: ${JSON.stringify(name)}: executable file not found in $PATH`);
}

/** The errno of what keeps a file from being run, as far as its mode tells. */
function problemOf(path: string): string | undefined {
  try {
    const { mode } = statFollowing(path);
    return (mode & S_IFMT) === S_IFDIR || (mode & 0o111) === 0 ? 'EACCES' : undefined;
  } catch (error) {
    return errnoOf(error) ?? 'ENOENT';
  }
}
