/** A part of a container's files as a tar, for a thread that is shut into them. Links are members, never followed. */
import { endOfArchive } from '../../oci/layer/tar.ts';
import { type FileStat, closeFile, openDirectory, openFlags, readNames, statFile } from '../linux/file.ts';
import { AT_FDCWD, check, cString, libc } from '../linux/libc.ts';
import { MemberWriter } from '../snapshots/member-writer.ts';
import type { OutputBuffer } from '../snapshots/output-buffer.ts';
import { isDirectory } from '../snapshots/overlay-format.ts';
import { ifStillThere } from '../snapshots/walk-upper.ts';
import { baseName } from './path-stat.ts';

/**
 * Writes what is at `path`, under its last name: `/a/b` gives `b`, `b/c` …, as docker names them; `/a/b/.` gives `./c`.
 * @param descriptors an open `/proc/self/fd`. @throws SystemCallError when the path is not there.
 */
export function writePath(path: string, descriptors: number, output: OutputBuffer): void {
  const stat = statFile(AT_FDCWD, path);
  const writer = new TreeWriter(descriptors, output);
  const base = Buffer.from(baseName(path));
  if (isDirectory(stat)) {
    const root = openDirectory(AT_FDCWD, path);
    writer.open();
    writer.root(base, root);
    writer.children(root, base.equals(slash) ? slash : Buffer.concat([base, slash]));
    closeFile(root);
  } else {
    const parent = openDirectory(AT_FDCWD, `${path.slice(0, path.lastIndexOf('/'))}/.`);
    writer.open();
    writer.entry(base, parent, base, stat);
    closeFile(parent);
  }
  writer.end();
}

/** Writes all files, without the root itself: `bin/`, `etc/passwd`. */
export function writeRoot(descriptors: number, output: OutputBuffer): void {
  const root = openDirectory(AT_FDCWD, '/');
  const writer = new TreeWriter(descriptors, output);
  writer.open();
  writer.children(root, Buffer.alloc(0));
  closeFile(root);
  writer.end();
}

const slash = Buffer.from('/');
const dot = Buffer.from('.');

class TreeWriter {
  readonly #output: OutputBuffer;
  readonly #descriptors: number;
  readonly #members: MemberWriter;

  constructor(descriptors: number, output: OutputBuffer) {
    this.#output = output;
    this.#descriptors = descriptors;
    // The calls for attributes take paths. /proc is not in this root, but a descriptor of it can be the directory
    // that relative paths begin in.
    this.#members = new MemberWriter(output, (parent, name) =>
      Buffer.concat([Buffer.from(`${parent}/`), name]),
    );
  }

  open(): void {
    check(libc.fchdir(this.#descriptors), 'fchdir');
  }

  root(path: Buffer, directory: number): void {
    this.#members.write(path, { parent: directory, name: dot }, statFile(directory, ''));
  }

  entry(path: Buffer, parent: number, name: Buffer, stat: FileStat): void {
    this.#members.write(path, { parent, name }, stat);
  }

  /** Everything in the directory, by the bytes of the names. */
  children(directory: number, prefix: Buffer): void {
    for (const name of readNames(directory).toSorted((a, b) => a.compare(b))) {
      const stat = ifStillThere(() => statFile(directory, name));
      if (!stat) continue;
      const path = Buffer.concat([prefix, name]);
      this.entry(path, directory, name, stat);
      if (!isDirectory(stat)) continue;
      const child = ifStillThere(() => openDirectory(directory, name));
      if (child === undefined) continue;
      this.children(child, Buffer.concat([path, slash]));
      closeFile(child);
    }
  }

  end(): void {
    this.#output.write(endOfArchive);
    this.#output.flush();
  }
}

/** To be opened while there is a /proc. */
export function openDescriptors(): number {
  return check(
    libc.openat(AT_FDCWD, cString('/proc/self/fd'), openFlags.path | openFlags.closeOnExec, 0),
    'open',
    '/proc/self/fd',
  );
}
