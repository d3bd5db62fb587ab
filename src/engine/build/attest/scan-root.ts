/** The packages that the files below a directory tell of. */
import { readSync } from 'node:fs';
import { packageFileAt } from '../../../packages/catalog.ts';
import {
  nameTable,
  sectionNamed,
  sectionTable,
  type FileRange,
} from '../../../packages/languages/elf-section.ts';
import { parseGoBuildInfo } from '../../../packages/languages/go.ts';
import { parseDebianCopyright } from '../../../packages/licences.ts';
import { osReleasePaths, parseOsRelease } from '../../../packages/os-release.ts';
import type { Distribution, Package } from '../../../packages/package.ts';
import type { FoundPackage } from '../../../packages/spdx.ts';
import { fileTypes } from '../../linux/device.ts';
import {
  closeFile,
  type FileStat,
  openDirectory,
  openFile,
  openFlags,
  readNames,
  statFile,
} from '../../linux/file.ts';
import { AT_FDCWD } from '../../linux/libc.ts';

const limits = {
  entries: 3_000_000,
  packages: 100_000,
  /** Each level is an open directory. */
  depth: 256,
  /** Of all files together. */
  bytes: 4 * 1024 ** 3,
  copyright: 1024 ** 2,
  section: 8 * 1024 ** 2,
  named: 20,
} as const;

export interface Scanned {
  readonly found: readonly FoundPackage[];
  readonly distribution: Distribution | undefined;
  /** What could not be read, or was too much. */
  readonly remark: string;
}

export function scanRoot(root: string): Scanned {
  const directory = openDirectory(AT_FDCWD, root);
  try {
    const scan = new Scan(statFile(directory, '').device);
    scan.walk(directory, '', 0);
    return scan.result();
  } finally {
    closeFile(directory);
  }
}

class Scan {
  readonly #device: number;
  readonly #found: FoundPackage[] = [];
  readonly #licences = new Map<string, string>();
  readonly #unread: string[] = [];
  #distribution: Distribution | undefined;
  #entries = 0;
  #bytes = 0;
  #isCut = false;

  constructor(device: number) {
    this.#device = device;
  }

  result(): Scanned {
    const found = this.#found.map((each) => ({ ...each, installed: this.#withLicence(each.installed) }));
    const remarks = [
      ...(this.#isCut ? ['The image has more files than are looked at: packages may be missing.'] : []),
      ...(this.#unread.length > 0 ? [`Not read: ${this.#unread.slice(0, limits.named).join(', ')}`] : []),
    ];
    return { found, distribution: this.#distribution, remark: remarks.join(' ') };
  }

  walk(directory: number, path: string, depth: number): void {
    for (const name of readNames(directory).toSorted((a, b) => Buffer.compare(a, b))) {
      this.#entries += 1;
      if (this.#entries > limits.entries || this.#found.length > limits.packages) {
        this.#isCut = true;
        return;
      }
      const inner = path === '' ? name.toString() : `${path}/${name.toString()}`;
      const stat = statFile(directory, name);
      const type = stat.mode & fileTypes.mask;
      if (type === fileTypes.directory) this.#enter(directory, name, inner, stat, depth);
      else if (type === fileTypes.regular) this.#look(directory, name, inner, stat);
    }
  }

  #enter(directory: number, name: Buffer, path: string, { device }: FileStat, depth: number): void {
    if (device !== this.#device) return;
    if (depth >= limits.depth) {
      this.#isCut = true;
      return;
    }
    const opened = openDirectory(directory, name);
    try {
      this.walk(opened, path, depth + 1);
    } finally {
      closeFile(opened);
    }
  }

  /** A file that is not of its form is told of, and no reason to fail. */
  #look(directory: number, name: Buffer, path: string, stat: FileStat): void {
    try {
      const file = packageFileAt(path);
      if (file) {
        const size = file.largest === 0 ? 0 : stat.size;
        if (size > file.largest) throw new RangeError('too large');
        this.#add(file.read(this.#read(directory, name, { offset: 0, size })), path);
      } else if (osReleasePaths.includes(path) && stat.size <= limits.copyright) {
        this.#distribution ??= parseOsRelease(this.#text(directory, name, stat));
      } else if (/^usr\/share\/doc\/[^/]+\/copyright$/.test(path) && stat.size <= limits.copyright) {
        const licence = parseDebianCopyright(this.#text(directory, name, stat));
        if (licence !== undefined) this.#licences.set(path.split('/')[3] ?? '', licence);
      } else if ((stat.mode & 0o111) !== 0 && stat.size > 64) {
        this.#add(this.#program(directory, name), path);
      }
    } catch {
      this.#unread.push(`/${path}`);
    }
  }

  #add(packages: readonly Package[], path: string): void {
    for (const installed of packages) this.#found.push({ installed, path });
  }

  #withLicence(installed: Package): Package {
    if (installed.kind !== 'deb' || installed.licence !== undefined) return installed;
    const licence = this.#licences.get(installed.name);
    return licence === undefined ? installed : { ...installed, licence };
  }

  /** A program of Go says what it was built of. */
  #program(directory: number, name: Buffer): Package[] {
    const read = (range: FileRange): Uint8Array => this.#read(directory, name, range);
    const head = read({ offset: 0, size: 64 });
    const table = sectionTable(head);
    if (!table) return [];
    const sections = read(table);
    const names = nameTable(head, sections);
    if (!names || names.size > limits.section) return [];
    const section = sectionNamed('.go.buildinfo', sections, read(names));
    return section && section.size <= limits.section ? parseGoBuildInfo(read(section)) : [];
  }

  #text(directory: number, name: Buffer, { size }: FileStat): string {
    return new TextDecoder().decode(this.#read(directory, name, { offset: 0, size }));
  }

  #read(directory: number, name: Buffer, { offset, size }: FileRange): Uint8Array {
    this.#bytes += size;
    if (this.#bytes > limits.bytes) throw new RangeError('too much to read');
    const file = openFile(directory, name, openFlags.read | openFlags.nonBlocking);
    try {
      const bytes = new Uint8Array(size);
      let done = 0;
      while (done < size) {
        const read = readSync(file, bytes, done, size - done, offset + done);
        if (read === 0) break;
        done += read;
      }
      return bytes.subarray(0, done);
    } finally {
      closeFile(file);
    }
  }
}
