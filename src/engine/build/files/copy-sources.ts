/** Copies what a COPY or ADD names into a mounted root, by a process that is shut into both. */
import { UnsupportedError } from '../../../lib/errors.ts';
import type { FileSelection, Owner } from './file-source.ts';

export interface CopyRequest extends FileSelection {
  /** The mounted root of the stage, on the host. */
  readonly root: string;
  /** Absolute in that root; a slash at its end asks for a directory. */
  readonly destination: string;
  /** `--chown`, as `resolveOwner` gives it. */
  readonly owner?: Owner;
  /** `--chmod`: octal or symbolic, as `checkMode` takes it. */
  readonly mode?: string;
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * What was copied before a failure stays: the caller drops the root. For `--link` the root is an empty one.
 * @throws NotFoundError (`"/x": not found`), InvalidError, UnavailableError (disk full)
 */
export function copySources(request: CopyRequest): Promise<void> {
  throw new UnsupportedError(`cannot copy to ${request.destination} yet`);
}
