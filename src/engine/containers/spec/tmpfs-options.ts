/** The options of a tmpfs as docker merges them: its own first, the user's over them, unknown ones refused. */
import { InvalidError } from '../../../lib/errors.ts';

/** Flags and the ones they undo. */
const opposites: Readonly<Record<string, string>> = {
  ro: 'access',
  rw: 'access',
  exec: 'exec',
  noexec: 'exec',
  suid: 'suid',
  nosuid: 'suid',
  dev: 'dev',
  nodev: 'dev',
  sync: 'sync',
  async: 'sync',
  atime: 'atime',
  noatime: 'atime',
  diratime: 'diratime',
  nodiratime: 'diratime',
  relatime: 'relatime',
  norelatime: 'relatime',
  strictatime: 'strictatime',
  nostrictatime: 'strictatime',
  mand: 'mand',
  nomand: 'mand',
  private: 'propagation',
  rprivate: 'propagation',
  shared: 'propagation',
  rshared: 'propagation',
  slave: 'propagation',
  rslave: 'propagation',
};

const settings = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol']);

/** @throws InvalidError when an option is none of tmpfs's. */
export function tmpfsOptions(options: readonly string[]): string[] {
  const merged = new Map([
    ['exec', 'noexec'],
    ['suid', 'nosuid'],
    ['dev', 'nodev'],
    ['propagation', 'rprivate'],
  ]);
  for (const option of options.filter((candidate) => candidate !== '')) merged.set(slotOf(option), option);
  return [...merged.values()];
}

/** Two options with the same slot exclude each other: the later wins. */
function slotOf(option: string): string {
  const name = option.split('=', 1)[0] ?? '';
  const slot = option.includes('=') ? (settings.has(name) ? name : undefined) : opposites[option];
  if (slot === undefined) throw new InvalidError(`Invalid tmpfs option ["${option}"]`);
  return slot;
}
