/**
 * What a build is given, as a directory: the body of the request, or what `remote` names. It is hostile, and is unpacked
 * by a process of its own, unless it is small and plain.
 */
import { statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { InvalidError } from '../../../lib/errors.ts';
import { peek } from '../../../lib/peek.ts';
import { UndoStack } from '../../../lib/undo.ts';
import { findInRoot, resolveInRoot } from '../../containers/spec/root-path.ts';
import type { SourceTree } from '../files/file-source.ts';
import { checkOut } from './check-out.ts';
import { contextFiles, contextHashes } from './context-child.ts';
import { parseGitReference } from './git-reference.ts';
import type { RemoteAccess } from './remote-access.ts';
import { openRemote } from './remote.ts';
import { contextsDirectory } from './sweep-contexts.ts';
import { unpackContext } from './unpack-context.ts';
import { mostHere, unpackHere } from './unpack-here.ts';

export interface ContextRequest {
  /** Engine's data for builds: the context goes below it. */
  readonly directory: string;
  /** An http or https URL or a git repository; undefined: the body. */
  readonly remote?: string;
  /** A tar, compressed or not. Read to its end, or cancelled. */
  readonly body: ReadableStream<Uint8Array>;
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  /** What opens a private remote. */
  readonly access?: RemoteAccess | undefined;
  /** Ends the work at once. */
  readonly signal: AbortSignal;
}

/** Nothing changes in it until it is disposed; then it is gone from the disk. */
export interface BuildContext extends AsyncDisposable {
  /** Of a git repository that is the context. */
  readonly commit: string | undefined;
  /** Its files, for COPY and ADD. */
  readonly tree: SourceTree;
  /**
   * The text of the Dockerfile at a path of the context, links followed inside it. `Dockerfile` also finds `dockerfile`.
   * A remote that is a Dockerfile itself answers to every path.
   * @throws InvalidError in docker's words when it is missing, empty, outside, or longer than a Dockerfile is.
   */
  dockerfile(path: string): Promise<string>;
  /** Any other small text: .dockerignore. Undefined where it is missing. @throws InvalidError */
  text(path: string): Promise<string | undefined>;
}

/** @throws InvalidError for a body that is no archive, UnavailableError (disk full, remote not reached), UnsupportedError */
export async function openContext(request: ContextRequest): Promise<BuildContext> {
  request.signal.throwIfAborted();
  await using undo = new UndoStack();
  const place = join(contextsDirectory(request.directory), crypto.randomUUID());
  const files = join(place, contextFiles);
  undo.push(() => remove(place));
  await mkdir(files, { recursive: true, mode: 0o700 });
  const filled = await fill(request, place);
  request.signal.throwIfAborted();
  undo.commit();
  return new DirectoryContext(place, filled);
}

async function remove(place: string): Promise<void> {
  await rm(place, { recursive: true, force: true });
}

interface Filled {
  readonly tree: SourceTree;
  /** Of a remote that is nothing but that. */
  readonly dockerfile?: string;
  readonly commit?: string;
}

async function fill(request: ContextRequest, place: string): Promise<Filled> {
  const { remote, self, signal, access } = request;
  const root = join(place, contextFiles);
  if (remote === undefined) return await unpack(request, place);
  await request.body.cancel();
  const reference = parseGitReference(remote, { isContext: true });
  if (reference) {
    const commit = await checkOut(reference, {
      directory: root,
      signal,
      access,
      keepsGitDirectory: reference.keepGitDirectory ?? false,
    });
    return { commit, tree: { root: subdirectory(root, reference.subdirectory), keepsOwner: false } };
  }
  const opened = await openRemote(remote, signal, access);
  if (opened.kind === 'dockerfile') return { tree: { root, keepsOwner: false }, dockerfile: opened.text };
  return await unpack({ body: opened.body, self, signal }, place);
}

async function unpack(
  request: Pick<ContextRequest, 'body' | 'self' | 'signal'>,
  place: string,
): Promise<Filled> {
  const { head, stream } = await peek(request.body, mostHere + 1, request.signal);
  if (head.length > mostHere || !unpackHere(head, place))
    await unpackContext({ ...request, body: stream, directory: place });
  return {
    tree: { root: join(place, contextFiles), hashes: join(place, contextHashes), keepsOwner: false },
  };
}

/** The part of a repository that is the context; links to it are followed inside the repository. @throws InvalidError */
function subdirectory(root: string, path: string): string {
  const place = path === '' ? root : resolveInRoot(root, path);
  if (!statSync(place, { throwIfNoEntry: false })?.isDirectory())
    throw new InvalidError(`error setting git context, not a directory: ${path}`);
  return place;
}

class DirectoryContext implements BuildContext {
  readonly tree: SourceTree;
  readonly commit: string | undefined;
  readonly #place: string;
  readonly #dockerfile: string | undefined;

  constructor(place: string, { tree, dockerfile, commit }: Filled) {
    this.#place = place;
    this.commit = commit;
    this.tree = tree;
    this.#dockerfile = dockerfile;
  }

  async dockerfile(path: string): Promise<string> {
    const text =
      this.#dockerfile ??
      (await this.text(path)) ??
      (path === 'Dockerfile' ? await this.text('dockerfile') : undefined);
    if (text === undefined) throw new InvalidError(`Cannot locate specified Dockerfile: ${path}`);
    if (text === '') throw new InvalidError(`the Dockerfile (${path}) cannot be empty`);
    return text;
  }

  // oxlint-disable-next-line require-await -- the interface promises nothing about when it is read
  async text(path: string): Promise<string | undefined> {
    if (posix.normalize(path).split('/')[0] === '..')
      throw new InvalidError(`forbidden path outside the build context: ${path}`);
    return findInRoot(this.tree.root, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await remove(this.#place);
  }
}
