/** `--chown` in numbers. */
import { InvalidError } from '../../../lib/errors.ts';
import { resolveUser } from '../../containers/spec/user.ts';
import type { Owner } from './file-source.ts';

/**
 * A number without a group is that of the group as well; a name without one has the group of its entry.
 * @param chown `user`, `user:group`, names or numbers, variables replaced.
 * @param root mounted; its /etc/passwd and /etc/group tell names, found without leaving it. Numbers alone need none.
 * @throws InvalidError for a name that is not there.
 */
export function resolveOwner(chown: string, root: string | undefined): Owner {
  const [user = '', group = ''] = chown.split(':', 2);
  if (user === '' && group === '') throw new InvalidError(`invalid chown: ${JSON.stringify(chown)}`);
  if (isNumericOwner(chown)) return numbersOf(user, group);
  if (root === undefined)
    throw new InvalidError(`cannot find ${JSON.stringify(chown)}: there is no root to look in`);
  const { uid, gid } = resolveUser(root, chown, []);
  return { uid, gid };
}

/** Whether numbers alone tell, without a root: the answer is the same for every root then. */
export function isNumericOwner(chown: string): boolean {
  return chown.split(':', 2).every((part) => part === '' || isNumber(part));
}

/** 2^31 - 1, as docker has it. */
const maxId = 2_147_483_647;

/** @throws InvalidError out of range. */
function numbersOf(user: string, group: string): Owner {
  const owner = { uid: Number(user), gid: Number(group === '' ? user : group) };
  if (owner.uid > maxId || owner.gid > maxId)
    throw new InvalidError(`uids and gids must be in range 0-${maxId}`);
  return owner;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
