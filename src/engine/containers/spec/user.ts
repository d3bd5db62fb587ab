/**
 * `--user` and `--group-add` turned into numbers, by the /etc/passwd and /etc/group of the container's own root.
 * Forms: user, uid, user:group, uid:gid and mixtures; numbers need no entry.
 */
import { InvalidError } from '../../../lib/errors.ts';
import { readInRoot } from './root-path.ts';

export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** With the primary group in front, so that no process can drop a group that denies it something. */
  readonly additionalGids: readonly number[];
  /** For HOME. */
  readonly home: string;
}

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** 2^31 - 1, as docker has it. */
const maxId = 2_147_483_647;

/** @throws InvalidError in docker's words when a name has no entry. */
export function resolveUser(root: string, user: string, groupAdd: readonly string[]): ResolvedUser {
  const [userPart = '', groupPart = ''] = user.split(':', 2);
  const entry = findUser(readInRoot(root, '/etc/passwd'), userPart);
  const groups = parseGroups(readInRoot(root, '/etc/group'));
  const gid = groupPart === '' ? entry.gid : findGroup(groups, groupPart);
  const supplementary =
    groupPart === '' && entry.name !== ''
      ? groups.filter((group) => group.members.includes(entry.name)).map((group) => group.gid)
      : [];
  const added = groupAdd.map((name) => findAddedGroup(groups, name));
  const additionalGids = [...new Set([gid, ...supplementary, ...added])];
  return { uid: entry.uid, gid, additionalGids, home: entry.home };
}

function findUser(passwd: string, wanted: string): PasswdEntry {
  const id = parseId(wanted === '' ? '0' : wanted);
  for (const entry of parsePasswd(passwd)) {
    if (id === undefined ? entry.name === wanted : entry.uid === id) return entry;
  }
  if (id === undefined) {
    throw new InvalidError(`unable to find user ${wanted}: no matching entries in passwd file`);
  }
  return { name: '', uid: id, gid: 0, home: '/' };
}

function findGroup(groups: readonly GroupEntry[], wanted: string): number {
  const gid = parseId(wanted);
  const group = groups.find((entry) => (gid === undefined ? entry.name === wanted : entry.gid === gid));
  const found = group?.gid ?? gid;
  if (found === undefined) {
    throw new InvalidError(`unable to find group ${wanted}: no matching entries in group file`);
  }
  return found;
}

function findAddedGroup(groups: readonly GroupEntry[], wanted: string): number {
  const found = groups.find((entry) => entry.name === wanted)?.gid ?? parseId(wanted);
  if (found === undefined) throw new InvalidError(`Unable to find group ${wanted}`);
  return found;
}

function* parsePasswd(text: string): Iterable<PasswdEntry> {
  for (const line of text.split('\n')) {
    const [name = '', , uid = '', gid = '', , home = ''] = line.trim().split(':');
    const [uidNumber, gidNumber] = [Number.parseInt(uid, 10), Number.parseInt(gid, 10)];
    if (name === '' || name.startsWith('#') || Number.isNaN(uidNumber)) continue;
    yield { name, uid: uidNumber, gid: Number.isNaN(gidNumber) ? 0 : gidNumber, home: home || '/' };
  }
}

function parseGroups(text: string): GroupEntry[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , gid = '', members = ''] = line.trim().split(':');
    const gidNumber = Number.parseInt(gid, 10);
    if (name === '' || name.startsWith('#') || Number.isNaN(gidNumber)) return [];
    return [{ name, gid: gidNumber, members: members.split(',') }];
  });
}

/** @throws InvalidError when it is a number out of range. */
function parseId(text: string): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id < 0 || id > maxId) throw new InvalidError(`uids and gids must be in range 0-${maxId}`);
  return id;
}
