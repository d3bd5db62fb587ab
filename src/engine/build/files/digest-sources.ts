/** What a COPY would copy, as a digest: the part of its cache key that comes from files. */
import { statSync } from 'node:fs';
import { UnavailableError } from '../../../lib/errors.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { recordSize } from './content-hashes.ts';
import { type ProcessOptions, runFilesTask } from './copy-process.ts';
import { digestSelection } from './digest-selection.ts';
import type { FileSelection } from './file-source.ts';

export interface DigestRequest extends FileSelection, ProcessOptions {}

/**
 * Of names, kinds, modes, owners where they are kept, link targets, attributes and bytes; never of times.
 * @throws NotFoundError (`"/x": not found`), InvalidError, UnavailableError
 */
export async function digestSources({
  sources,
  excludes,
  parents,
  ...options
}: DigestRequest): Promise<Digest> {
  const known = digestHere({ sources, excludes, parents });
  if (known !== undefined) return known;
  const { digest } = await runFilesTask(
    { kind: 'digest', selection: { sources, excludes, parents } },
    options,
  );
  if (digest === undefined) throw new UnavailableError('cannot digest files: no answer');
  return digest;
}

/** Of a context's files the digests are known: few of them are looked through sooner than a process starts. */
const mostFilesHere = 500;

/** @returns undefined where it takes a process, if only to say what is wrong. */
function digestHere(selection: FileSelection): Digest | undefined {
  try {
    return selection.sources.every(isSmall) ? digestSelection(selection) : undefined;
  } catch {
    return undefined;
  }
}

function isSmall(source: FileSelection['sources'][number]): boolean {
  if (source.kind === 'inline') return true;
  const { hashes } = source.tree;
  return hashes !== undefined && statSync(hashes).size <= mostFilesHere * recordSize;
}
