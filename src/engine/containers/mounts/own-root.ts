/** Binds of the engine's own directory: what is mounted in it must not be held by a container that has copied it. */
import { InvalidError } from '../../../lib/errors.ts';
import { isWithin } from '../../linux/mount-info.ts';

/**
 * The propagation that such a bind gets where none was given; undefined for every other bind.
 * @throws InvalidError in docker's words for one that holds mounts.
 */
export function rootPropagationOf(
  source: string,
  given: string | undefined,
  root: string,
): string | undefined {
  if (!touchesRoot(source, root)) return undefined;
  if (given === undefined) return 'rslave';
  if (given === 'rslave' || given === 'rshared') return given;
  throw new InvalidError(
    `invalid mount config: must use either propagation mode "rslave" or "rshared" when mount source is within the daemon root, daemon root: ${JSON.stringify(root)}, bind mount source: ${JSON.stringify(source)}, propagation: ${JSON.stringify(given)}`,
  );
}

export function touchesRoot(source: string, root: string): boolean {
  return isWithin(source, root) || isWithin(root, source);
}
