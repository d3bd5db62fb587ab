/** Copies what a COPY or ADD names into a mounted root; what ADD takes apart is unpacked there. */
import { join } from 'node:path';
import { extractIntoView } from '../../archives/archive-process.ts';
import { withoutOuterCompression } from '../../images/archive/outer-compression.ts';
import { isArchive } from './archive-probe.ts';
import { type ProcessOptions, runFilesTask } from './copy-process.ts';
import type { Match } from './copy-request.ts';
import type { FileSelection, FileSource, Owner, SourceTree, TreeSource } from './file-source.ts';

export interface CopyRequest extends FileSelection, ProcessOptions {
  /** The mounted root of the stage, on the host. */
  readonly root: string;
  /** Absolute in that root; a slash at its end asks for a directory. */
  readonly destination: string;
  /** `--chown`, as `resolveOwner` gives it. */
  readonly owner?: Owner;
  /** `--chmod`: octal or symbolic, as `checkMode` takes it. */
  readonly mode?: string;
}

/**
 * What was copied before a failure stays: the caller drops the root. For `--link` the root is an empty one.
 * @throws NotFoundError (`"/x": not found`), InvalidError, UnavailableError (disk full)
 */
export async function copySources(request: CopyRequest): Promise<void> {
  let copied: FileSource[] = [];
  const flush = async (): Promise<void> => {
    if (copied.length > 0) await copy(request, copied);
    copied = [];
  };
  for (const source of await withArchives(request)) {
    if (!('archive' in source)) {
      copied.push(source);
      continue;
    }
    await flush();
    await unpack(request, source.archive);
  }
  await flush();
}

/** The sources in their order, and between them the files to be taken apart, by their paths on the host. */
async function withArchives(request: CopyRequest): Promise<(FileSource | { readonly archive: string })[]> {
  const { sources, excludes, parents } = request;
  if (!sources.some((source) => source.kind === 'tree' && source.unpack)) return [...sources];
  const { matches = [] } = await runFilesTask(
    { kind: 'match', selection: { sources, excludes, parents } },
    request,
  );
  const found: (FileSource | { readonly archive: string })[] = [];
  for (const [index, source] of sources.entries()) {
    if (source.kind === 'inline' || !source.unpack) found.push(source);
    else found.push(...(await split(source, matches[index] ?? [], request)));
  }
  return found;
}

async function split(
  source: TreeSource,
  matches: readonly Match[],
  options: ProcessOptions,
): Promise<(FileSource | { readonly archive: string })[]> {
  const archives = new Set<Match>();
  for (const match of matches) {
    if (match.isFile && (await isArchive(placeOf(source.tree, match), options))) archives.add(match);
  }
  if (archives.size === 0) return [source];
  return matches.map((match) =>
    archives.has(match)
      ? { archive: placeOf(source.tree, match) }
      : { ...source, path: `/${match.asked}`, isLiteral: true },
  );
}

function placeOf({ root }: SourceTree, { path }: Match): string {
  return join(root, path);
}

async function copy(request: CopyRequest, sources: readonly FileSource[]): Promise<void> {
  const { excludes, parents, root, destination, owner, mode } = request;
  await runFilesTask(
    {
      kind: 'copy',
      selection: { sources, excludes, parents },
      root,
      destination,
      ...(owner && { owner }),
      ...(mode !== undefined && { mode }),
    },
    request,
  );
}

/** Whoever the archive says owns what is in it, unless `--chown` says otherwise; modes are the archive's. */
async function unpack(request: CopyRequest, archive: string): Promise<void> {
  const { root, destination, owner, self, signal } = request;
  signal.throwIfAborted();
  const directory = destination.endsWith('/') ? destination : `${destination}/`;
  await copy({ ...request, destination: directory }, []);
  const body = await withoutOuterCompression(Bun.file(archive).stream());
  await extractIntoView(
    self,
    { root, mounts: [], readonlyRoot: false },
    { kind: 'extract', path: destination, noOverwriteDirNonDir: false, ...(owner && { owner }) },
    body.pipeThrough(new TransformStream(), { signal }),
  );
}
