/** What a COPY would copy, as a digest: the part of its cache key that comes from files. */
import { UnavailableError } from '../../../lib/errors.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { type ProcessOptions, runFilesTask } from './copy-process.ts';
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
  const { digest } = await runFilesTask(
    { kind: 'digest', selection: { sources, excludes, parents } },
    options,
  );
  if (digest === undefined) throw new UnavailableError('cannot digest files: no answer');
  return digest;
}
