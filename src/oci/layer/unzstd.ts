/**
 * Zstandard by its own library: Bun has it built in, but takes a stream that is cut off for a whole one.
 * https://www.rfc-editor.org/rfc/rfc8878, https://facebook.github.io/zstd/zstd_manual.html (streaming decompression)
 */
import { dlopen, ptr } from 'bun:ffi';
import { CorruptError, UnavailableError } from '../../lib/errors.ts';
import type { ByteSource } from './byte-reader.ts';
import type { Decompressor } from './decompressor.ts';

type Library = ReturnType<typeof openLibrary>;
let opened: Library | undefined;

function openLibrary() {
  try {
    return dlopen('libzstd.so.1', {
      ZSTD_createDStream: { args: [], returns: 'ptr' },
      ZSTD_freeDStream: { args: ['ptr'], returns: 'u64' },
      ZSTD_decompressStream: { args: ['ptr', 'ptr', 'ptr'], returns: 'u64' },
      ZSTD_isError: { args: ['u64'], returns: 'u32' },
      ZSTD_getErrorName: { args: ['u64'], returns: 'cstring' },
    });
  } catch (cause) {
    throw new UnavailableError('cannot decompress zstd: libzstd.so.1 is missing, install libzstd1', {
      cause,
    });
  }
}

/** struct ZSTD_inBuffer and ZSTD_outBuffer: an address, a size, and how far the library is. */
class LibraryBuffer {
  readonly words = new BigUint64Array(3);
  /** Held: the library has its address. */
  #bytes: Uint8Array = new Uint8Array();

  set(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.words.set([bytes.length === 0 ? 0n : BigInt(ptr(bytes)), BigInt(bytes.length), 0n]);
  }

  get done(): number {
    return Number(this.words[2]);
  }

  get isDone(): boolean {
    return this.done === this.#bytes.length;
  }
}

export class Unzstd implements Decompressor {
  readonly #library = (opened ??= openLibrary()).symbols;
  readonly #source: ByteSource;
  /** The library bounds what it takes for one by the largest window that it allows, 128 MB. */
  readonly #stream: NonNullable<ReturnType<Library['symbols']['ZSTD_createDStream']>>;
  readonly #input = new LibraryBuffer();
  readonly #output = new LibraryBuffer();
  /** Between two frames the bytes may end. */
  #isBetween = false;

  constructor(source: ByteSource) {
    this.#source = source;
    const stream = this.#library.ZSTD_createDStream();
    if (stream === null) throw new UnavailableError('cannot decompress zstd: out of memory');
    this.#stream = stream;
  }

  read(output: Uint8Array): number {
    this.#output.set(output);
    for (;;) {
      const before = this.#input.done;
      // Called before there is more input: it may hold output back that had no room the last time.
      const result = this.#library.ZSTD_decompressStream(this.#stream, this.#output.words, this.#input.words);
      if (this.#library.ZSTD_isError(result) !== 0) {
        throw broken(String(this.#library.ZSTD_getErrorName(result)));
      }
      if (result === 0n) this.#isBetween = true;
      else if (this.#input.done > before) this.#isBetween = false;
      if (this.#output.isDone) return output.length;
      if (!this.#input.isDone) continue;
      const next = this.#source();
      if (next.length > 0) this.#input.set(next);
      else if (this.#isBetween) return this.#output.done;
      else throw broken('unexpected end');
    }
  }

  [Symbol.dispose](): void {
    this.#library.ZSTD_freeDStream(this.#stream);
  }
}

function broken(reason: string): CorruptError {
  return new CorruptError(`cannot decompress layer: zstd: ${reason}`);
}
