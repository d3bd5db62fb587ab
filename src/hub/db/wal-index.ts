/**
 * Tells whether anybody has committed to an SQLite database since the last look, in whichever process: by the header of the index
 * to its write-ahead log, which every commit changes and every reader compares. It is in memory that all processes share, so
 * a look asks neither SQLite nor the kernel: every request takes several. https://sqlite.org/walformat.html#the_wal_index_header
 */
import { dlopen, type Pointer, toArrayBuffer } from 'bun:ffi';
import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { UnavailableError } from '../../lib/errors.ts';

const { symbols: libc } = dlopen('libc.so.6', {
  mmap: { args: ['ptr', 'u64', 'i32', 'i32', 'i32', 'i64'], returns: 'ptr' },
  munmap: { args: ['ptr', 'u64'], returns: 'i32' },
});

const PROT_READ = 1;
const MAP_SHARED = 1;
const pageSize = 4096;
/** Of the header, whose second copy follows it. */
const headerSize = 48;

export class WalIndex implements Disposable {
  readonly #address: Pointer;
  /** Undefined once it is not ours to read any more. */
  #header: Uint32Array | undefined;
  readonly #known = new Uint32Array(headerSize / Uint32Array.BYTES_PER_ELEMENT);

  /**
   * @param path of a database in WAL mode that this process has open and has read from.
   * @throws UnavailableError where its index cannot be found.
   */
  constructor(path: string) {
    // SQLite's own descriptor: to close another one of the file would end the locks that this process has on it.
    const descriptor = descriptorOf(`${realpathSync(path)}-shm`);
    const address = libc.mmap(null, pageSize, PROT_READ, MAP_SHARED, descriptor, 0);
    // MAP_FAILED is -1.
    if (typeof address !== 'number' || address < 0 || address > Number.MAX_SAFE_INTEGER) {
      throw new UnavailableError(`cannot map ${path}-shm`);
    }
    this.#address = address;
    this.#header = new Uint32Array(toArrayBuffer(address, 0, headerSize));
  }

  /**
   * Whoever reads from the database after this reads at least what it has seen. A header that is being written looks changed, and
   * so does the whole one after it.
   */
  hasChanged(): boolean {
    const header = this.#header;
    if (!header) return true;
    let isSame = true;
    for (let word = 0; word < header.length; word += 1) {
      const now = header[word] ?? 0;
      if (now === this.#known[word]) continue;
      this.#known[word] = now;
      isSame = false;
    }
    return !isSame;
  }

  [Symbol.dispose](): void {
    if (!this.#header) return;
    this.#header = undefined;
    libc.munmap(this.#address, pageSize);
  }
}

/** Of a file that this process has open. */
function descriptorOf(path: string): number {
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`) === path) return Number(name);
    } catch {
      // The one that listed the directory is closed again.
    }
  }
  throw new UnavailableError(`cannot find ${path} among the files that are open in /proc/self/fd`);
}
