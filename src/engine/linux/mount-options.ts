/** Mount options as text (fstab's, `mount -o`) for mount(2): flags, propagation, and what the file system reads itself. */
import { mountFlags } from './mount.ts';

export interface MountOptions {
  readonly flags: number;
  /** Flags too, and a call of their own; 0 for none. */
  readonly propagation: number;
  /** Comma separated. */
  readonly data: string;
}

const f = mountFlags;
const sets: Readonly<Record<string, number>> = {
  ro: f.readOnly,
  nosuid: f.noSuid,
  nodev: f.noDev,
  noexec: f.noExec,
  sync: f.synchronous,
  remount: f.remount,
  mand: f.mandatoryLock,
  dirsync: f.synchronousDirectories,
  noatime: f.noAccessTime,
  nodiratime: f.noDirectoryAccessTime,
  bind: f.bind,
  rbind: f.bind | f.recursive,
  relatime: f.relativeAccessTime,
  strictatime: f.strictAccessTime,
};
const clears: Readonly<Record<string, number>> = {
  defaults: 0,
  rw: f.readOnly,
  suid: f.noSuid,
  dev: f.noDev,
  exec: f.noExec,
  async: f.synchronous,
  nomand: f.mandatoryLock,
  atime: f.noAccessTime,
  diratime: f.noDirectoryAccessTime,
  norelatime: f.relativeAccessTime,
  nostrictatime: f.strictAccessTime,
};
const propagates: Readonly<Record<string, number>> = {
  private: f.private,
  rprivate: f.private | f.recursive,
  shared: f.shared,
  rshared: f.shared | f.recursive,
  slave: f.slave,
  rslave: f.slave | f.recursive,
  unbindable: f.unbindable,
  runbindable: f.unbindable | f.recursive,
};

export function parseMountOptions(text: string): MountOptions {
  let [flags, propagation] = [0, 0];
  const data: string[] = [];
  for (const option of text.split(',').filter((part) => part !== '')) {
    if (sets[option] !== undefined) flags |= sets[option];
    else if (clears[option] !== undefined) flags &= ~clears[option];
    else if (propagates[option] !== undefined) propagation |= propagates[option];
    else data.push(option);
  }
  return { flags, propagation, data: data.join(',') };
}
