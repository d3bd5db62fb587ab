/** What a COPY would copy, as a digest: the part of its cache key that comes from files. */
import { UnsupportedError } from '../../../lib/errors.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import type { FileSelection } from './file-source.ts';

export interface DigestRequest extends FileSelection {
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Of names, kinds, modes, owners where they are kept, link targets, attributes and bytes; never of times.
 * @throws NotFoundError (`"/x": not found`), InvalidError, UnavailableError
 */
export function digestSources(request: DigestRequest): Promise<Digest> {
  throw new UnsupportedError(`cannot digest ${request.sources.length} sources yet`);
}
