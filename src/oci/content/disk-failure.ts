/** Why a disk does not take a blob, for who sends it: it may take the next one. */
import { errnoOf, UnavailableError } from '../../lib/errors.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on device',
  EDQUOT: 'no space left on device',
  EROFS: 'the disk is read-only',
  EIO: 'the disk does not work',
};

/** The error to throw instead; most stay as they are. */
export function describeDiskError(error: unknown): unknown {
  const reason = reasons[errnoOf(error) ?? ''];
  return reason === undefined
    ? error
    : new UnavailableError(`cannot write blob: ${reason}`, { cause: error });
}
