/**
 * A git repository as files. The repository is hostile: nothing of the machine's or a user's configuration is read, no
 * hook runs, nothing is asked at a terminal, and neither it nor its submodules may name files of this machine.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptError, InvalidError, UnavailableError } from '../../../lib/errors.ts';
import { type Finished, run } from '../../../lib/subprocess.ts';
import type { GitReference } from './git-reference.ts';
import { type GitAccess, openGitAccess, type RemoteAccess } from './remote-access.ts';

export interface CheckOutOptions {
  /** Empty. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly keepsGitDirectory: boolean;
  /** What opens a private one. */
  readonly access?: RemoteAccess | undefined;
}

/** @returns the commit. @throws UnavailableError in git's words, InvalidError for a subdirectory or a ref that is not there, CorruptError for another commit. */
export async function checkOut(reference: GitReference, options: CheckOutOptions): Promise<string> {
  await using access = options.access && (await openGitAccess(options.access, reference.remote));
  const git = new Git(options, access);
  await git.run('init', '--quiet');
  await git.run('remote', 'add', 'origin', reference.remote);
  const fetched = await fetchCommit(git, reference);
  await git.run('checkout', '--quiet', '--detach', fetched);
  if (reference.checksum !== undefined) await check(git, reference.checksum, fetched);
  if (reference.withSubmodules)
    await git.run('submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1');
  const commit = await git.run('rev-parse', 'HEAD');
  if (!options.keepsGitDirectory) await removeGitDirectories(options.directory);
  return commit.trim();
}

/** The one commit where the server gives it; else everything, and what is wanted is looked for. */
async function fetchCommit(git: Git, { ref }: GitReference): Promise<string> {
  const wanted = ref === '' ? 'HEAD' : ref;
  const shallow = await git.try('fetch', '--quiet', '--depth=1', 'origin', '--', wanted);
  if (shallow.exitCode === 0) return 'FETCH_HEAD';
  const whole = await git.try('fetch', '--quiet', 'origin', '--', wanted);
  if (whole.exitCode === 0) return 'FETCH_HEAD';
  // A commit by the first digits of its name is known to us alone.
  if (!/^[0-9a-f]{4,64}$/.test(wanted)) throw failure(whole);
  await git.run('fetch', '--quiet', '--tags', 'origin');
  const found = await git.try('rev-parse', '--verify', '--quiet', `${wanted}^{commit}`);
  if (found.exitCode !== 0) throw failure(whole);
  return found.stdout.trim();
}

/** The commit, or the tag that led to it. */
async function check(git: Git, checksum: string, fetched: string): Promise<void> {
  if (!/^[0-9a-f]{1,64}$/.test(checksum))
    throw new InvalidError(`invalid checksum ${JSON.stringify(checksum)}: expected hex commit hash`);
  const names = [await git.run('rev-parse', 'HEAD'), await git.run('rev-parse', fetched)];
  if (names.some((name) => name.trim().startsWith(checksum))) return;
  throw new CorruptError(`expected checksum to match ${checksum}, got ${names[0]?.trim()}`);
}

async function removeGitDirectories(directory: string): Promise<void> {
  for await (const path of new Bun.Glob('**/.git').scan({ cwd: directory, dot: true, onlyFiles: false }))
    await rm(join(directory, path), { recursive: true, force: true });
}

/** What may come with the engine's own environment and would lead git elsewhere. */
const unset = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_CONFIG_PARAMETERS',
  'GIT_CONFIG_COUNT',
  'SSH_AUTH_SOCK',
];
const environment = [
  'HOME=/dev/null',
  'XDG_CONFIG_HOME=/dev/null',
  'GIT_CONFIG_NOSYSTEM=1',
  'GIT_CONFIG_GLOBAL=/dev/null',
  'GIT_TERMINAL_PROMPT=0',
  'GIT_ALLOW_PROTOCOL=http:https:git:ssh',
  'GIT_LFS_SKIP_SMUDGE=1',
  'GIT_SSH_COMMAND=ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null',
  'LC_ALL=C',
];
const settings = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'advice.detachedHead=false'];

/** A header that is a secret comes by standard input: arguments are seen by everybody on the machine. */
const script = `umask 022
if [ -n "$GIT_CONFIG_COUNT" ]; then IFS= read -r GIT_CONFIG_VALUE_0 && export GIT_CONFIG_VALUE_0; fi
exec git "$@"`;

class Git {
  readonly #directory: string;
  readonly #signal: AbortSignal;
  readonly #access: GitAccess | undefined;

  constructor({ directory, signal }: CheckOutOptions, access: GitAccess | undefined) {
    this.#access = access;
    this.#directory = directory;
    this.#signal = signal;
  }

  /** @returns what it wrote. @throws UnavailableError in its words. */
  async run(...words: readonly string[]): Promise<string> {
    const finished = await this.try(...words);
    if (finished.exitCode !== 0) throw failure(finished);
    return finished.stdout;
  }

  async try(...words: readonly string[]): Promise<Finished> {
    // It ends with the engine, however that ends; files are 0644 and 0755, whatever the engine's own umask is.
    const argv = [
      'setpriv',
      '--pdeathsig',
      'KILL',
      'env',
      ...unset.flatMap((name) => ['-u', name]),
      ...environment,
      ...this.#variables(),
      'sh',
      '-c',
      script,
      'git',
      ...settings.flatMap((setting) => ['-c', setting]),
      ...words,
    ];
    const input = this.#access?.header?.line;
    const options = { cwd: this.#directory, signal: this.#signal };
    const finished = await run(argv, { ...options, ...(input !== undefined && { input: `${input}\n` }) });
    this.#signal.throwIfAborted();
    return finished;
  }

  #variables(): readonly string[] {
    const { header, socket } = this.#access ?? {};
    return [
      ...(header ? ['GIT_CONFIG_COUNT=1', `GIT_CONFIG_KEY_0=http.${header.scope}.extraheader`] : []),
      ...(socket === undefined ? [] : [`SSH_AUTH_SOCK=${socket}`]),
    ];
  }
}

function failure({ stderr, exitCode }: Finished): UnavailableError {
  return new UnavailableError(`cannot fetch the git repository: ${stderr.trim() || `exit code ${exitCode}`}`);
}
