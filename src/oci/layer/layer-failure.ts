/** What the threads of the unpacking process say of a failure: in words, and whose fault it is. */
import { errnoOf, messageOf } from '../../lib/errors.ts';

export interface LayerFailure {
  readonly error: string;
  readonly kind: 'corrupt' | 'unsupported' | 'unavailable';
}

/** The machine's own troubles; any other failure is the archive's. */
const machineErrors = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'ENOMEM',
  'EMFILE',
  'ENFILE',
  'EPERM',
  'EACCES',
]);

export function layerFailure(error: unknown): LayerFailure {
  return { error: describe(error), kind: kindOf(error) };
}

/** The one trouble of the machine that its owner can mend is told in words. */
function describe(error: unknown): string {
  const code = errnoOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'no space left on device' : messageOf(error);
}

function kindOf(error: unknown): LayerFailure['kind'] {
  if (machineErrors.has(errnoOf(error) ?? '')) return 'unavailable';
  const name = error instanceof Error ? error.name : '';
  if (name === 'UnavailableError') return 'unavailable';
  return name === 'UnsupportedError' ? 'unsupported' : 'corrupt';
}
