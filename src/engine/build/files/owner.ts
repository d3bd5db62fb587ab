/** `--chown` in numbers. */
import { UnsupportedError } from '../../../lib/errors.ts';
import type { Owner } from './file-source.ts';

/**
 * @param chown `user`, `user:group`, names or numbers, variables replaced.
 * @param root mounted; its /etc/passwd and /etc/group tell names, found without leaving it. Undefined: numbers only.
 * @throws InvalidError for a name that is not there.
 */
export function resolveOwner(chown: string, root: string | undefined): Promise<Owner> {
  throw new UnsupportedError(`cannot resolve ${chown} in ${root} yet`);
}
