/**
 * The process that unpacks the body of a build: the archive on standard input, the directory of the files as its root.
 * It takes the hash of every file while it writes it, and ends with the engine. Owners are dropped, as everywhere in a
 * build's context.
 */
import { join } from 'node:path';
import { InvalidError } from '../../../lib/errors.ts';
import { type LayerFailure, layerFailure } from '../../../oci/layer/layer-failure.ts';
import { LayerSource } from '../../../oci/layer/layer-source.ts';
import { type TarEntry, untar } from '../../../oci/layer/untar.ts';
import { extract } from '../../archives/extract.ts';
import { openFile, openFlags, statFile, writeFully } from '../../linux/file.ts';
import { AT_FDCWD } from '../../linux/libc.ts';
import { clearUmask, dieWithParent, enterRoot } from '../../linux/process.ts';
import { OutputBuffer } from '../../snapshots/output-buffer.ts';
import { writeContent } from '../../snapshots/write-entry.ts';
import { hashRecord } from '../files/content-hashes.ts';

/** In the directory of a context. */
export const contextFiles = 'files';
export const contextHashes = 'hashes';

/** Lines on standard output: how much was written so far, and at last `{}` or a failure. */
export type ContextReport = { readonly written?: number } | LayerFailure;

const stdout = 1;
/** Each takes an inode; more of them than this is an attack. */
const maxEntries = 2_000_000;
const reportEvery = 64 * 1024 * 1024;

/** `argv`: `… @context DIRECTORY`. @returns the exit code. */
export function runContextChild(argv: readonly string[] = process.argv): number {
  dieWithParent();
  clearUmask();
  const report = unpack(argv[argv.indexOf('@context') + 1] ?? '');
  tell(report);
  return 'error' in report ? 1 : 0;
}

function tell(report: ContextReport): void {
  writeFully(stdout, Buffer.from(`${JSON.stringify(report)}\n`));
}

function unpack(directory: string): ContextReport {
  const source = new LayerSource({ digests: false });
  try {
    const flags = openFlags.write | openFlags.create | openFlags.exclusive;
    const hashes = new OutputBuffer(openFile(AT_FDCWD, join(directory, contextHashes), flags, 0o600));
    enterRoot(join(directory, contextFiles));
    const writer = new ContextWriter(hashes);
    extract(writer.counted(untar(source.next)), {
      path: '/',
      noOverwriteDirNonDir: false,
      owner: { uid: 0, gid: 0 },
      write: writer.write,
    });
    hashes.flush();
    return source.failure ?? {};
  } catch (error) {
    // Bytes that could not be read on make a broken archive: that reason comes first.
    return source.failure ?? layerFailure(error);
  }
}

class ContextWriter {
  readonly #hashes: OutputBuffer;
  #written = 0;
  #reported = 0;

  constructor(hashes: OutputBuffer) {
    this.#hashes = hashes;
  }

  *counted(entries: Iterable<TarEntry>): Generator<TarEntry> {
    let count = 0;
    for (const entry of entries) {
      if (++count > maxEntries) throw new InvalidError(`it has more than ${maxEntries} files`);
      yield entry;
    }
  }

  readonly write = (file: number, entry: TarEntry): void => {
    const hasher = new Bun.CryptoHasher('sha256');
    let stored = 0;
    const data = function* (this: ContextWriter): Generator<Uint8Array, void, undefined> {
      for (const chunk of entry.data()) {
        hasher.update(chunk);
        stored += chunk.length;
        this.#count(chunk.length);
        yield chunk;
      }
    };
    writeContent(file, { size: entry.size, segments: entry.segments, data: data.bind(this) });
    // What has holes is read when it is asked for.
    if (stored === entry.size) this.#hashes.write(hashRecord(statFile(file, '').inode, hasher.digest()));
  };

  #count(size: number): void {
    this.#written += size;
    if (this.#written - this.#reported < reportEvery) return;
    this.#reported = this.#written;
    tell({ written: this.#written });
  }
}
