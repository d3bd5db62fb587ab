/** The words of a COPY or ADD as sources: files of a tree, heredocs, and what ADD fetches from URLs and repositories. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidError } from '../../../lib/errors.ts';
import { UndoStack } from '../../../lib/undo.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { checkOut } from '../context/check-out.ts';
import { type GitReference, parseGitReference } from '../context/git-reference.ts';
import type { RemoteAccess } from '../context/remote-access.ts';
import { contextsDirectory } from '../context/sweep-contexts.ts';
import { download } from './download.ts';
import type { FileSource, SourceTree } from './file-source.ts';

export interface SourcesRequest {
  readonly kind: 'COPY' | 'ADD';
  /** Variables replaced. */
  readonly paths: readonly string[];
  readonly inline: readonly { readonly name: string; readonly content: string }[];
  /** Where paths are found: the context, or what `--from` names. */
  readonly from: SourceTree;
  readonly checksum?: string;
  readonly keepGitDir: boolean;
  /** Undefined: local archives are taken apart, downloaded ones are not. */
  readonly unpack?: boolean;
  /** Engine's data for builds; what is fetched goes below it. */
  readonly directory: string;
  readonly self: readonly string[];
  readonly signal: AbortSignal;
  /** What opens private files and repositories. */
  readonly access?: RemoteAccess;
  /** What came from outside. */
  readonly onFetched?: (fetched: FetchedFile | FetchedCommit) => void;
  /** How a download goes on; `total` where it is known. */
  readonly onProgress?: (url: string, current: number, total: number | undefined) => void;
}

interface FetchedFile {
  readonly url: string;
  readonly digest: Digest;
}

interface FetchedCommit {
  readonly remote: string;
  readonly ref: string;
  readonly commit: string;
}

/** Disposing removes what was fetched: after the copy. */
export interface OpenSources extends AsyncDisposable {
  readonly sources: readonly FileSource[];
}

/** @throws InvalidError in BuildKit's words for a use that is not allowed, UnavailableError for what cannot be fetched, CorruptError for another digest. */
export async function openSources(request: SourcesRequest): Promise<OpenSources> {
  const words = request.paths.map((path) => parseWord(path));
  checkUse(request, words);
  await using undo = new UndoStack();
  const places: string[] = [];
  const place = async (): Promise<string> => {
    const made = join(contextsDirectory(request.directory), crypto.randomUUID());
    undo.push(() => remove(made));
    await mkdir(made, { recursive: true, mode: 0o700 });
    places.push(made);
    return made;
  };
  const sources: FileSource[] = [];
  for (const word of words) sources.push(await open(word, request, place));
  for (const { name, content } of request.inline) sources.push({ kind: 'inline', name, content });
  undo.commit();
  return {
    sources,
    [Symbol.asyncDispose]: async () => {
      for (const made of places) await remove(made);
    },
  };
}

async function remove(place: string): Promise<void> {
  await rm(place, { recursive: true, force: true });
}

type Word =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'git'; readonly reference: GitReference };

function parseWord(text: string): Word {
  const reference = parseGitReference(text, { isContext: false });
  if (reference) return { kind: 'git', reference };
  return /^https?:\/\//.test(text) ? { kind: 'url', url: text } : { kind: 'path', path: text };
}

/** @throws InvalidError */
function checkUse({ kind, checksum }: SourcesRequest, words: readonly Word[]): void {
  if (kind === 'COPY') {
    if (words.some((word) => word.kind === 'git'))
      throw new InvalidError("source can't be a git ref for COPY");
    if (words.some((word) => word.kind === 'url')) throw new InvalidError("source can't be a URL for COPY");
    if (checksum !== undefined) throw new InvalidError("checksum can't be specified for COPY");
  }
  if (checksum === undefined) return;
  if (words.length !== 1) throw new InvalidError("checksum can't be specified for multiple sources");
  if (words[0]?.kind === 'path') throw new InvalidError('checksum requires HTTP(S) or Git sources');
}

async function open(word: Word, request: SourcesRequest, place: () => Promise<string>): Promise<FileSource> {
  const { kind, from, unpack } = request;
  if (word.kind === 'path')
    return { kind: 'tree', tree: from, path: word.path, unpack: unpack ?? kind === 'ADD' };
  const root = await place();
  const tree: SourceTree = { root, keepsOwner: false };
  if (word.kind === 'url') {
    const { name, digest } = await download(word.url, { ...request, directory: root });
    request.onFetched?.({ url: word.url, digest });
    return { kind: 'tree', tree, path: `/${name}`, unpack: unpack ?? false, isLiteral: true };
  }
  const { subdirectory } = await fetchRepository(word.reference, request, root);
  return { kind: 'tree', tree, path: `/${subdirectory}`, unpack: false, isLiteral: true };
}

async function fetchRepository(
  reference: GitReference,
  { checksum, keepGitDir, signal, access, onFetched }: SourcesRequest,
  directory: string,
): Promise<GitReference> {
  if (checksum !== undefined && reference.checksum !== undefined && checksum !== reference.checksum)
    throw new InvalidError(
      `checksum mismatch ${JSON.stringify(checksum)} != ${JSON.stringify(reference.checksum)}`,
    );
  const expected = checksum ?? reference.checksum;
  const commit = await checkOut(
    { ...reference, ...(expected !== undefined && { checksum: expected }) },
    { directory, signal, access, keepsGitDirectory: reference.keepGitDirectory ?? keepGitDir },
  );
  onFetched?.({ remote: reference.remote, ref: reference.ref, commit });
  return reference;
}
