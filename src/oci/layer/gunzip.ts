/**
 * Gzip files by ISA-L, the fastest library for it that works on streams: twice as fast as zlib, which matters, since every
 * layer pulled goes through here. https://www.rfc-editor.org/rfc/rfc1952,
 * https://github.com/intel/isa-l/blob/v2.30.0/include/igzip_lib.h
 */
import { dlopen, ptr } from 'bun:ffi';
import { CorruptError, UnavailableError } from '../../lib/errors.ts';
import type { ByteSource } from './byte-reader.ts';
import type { Decompressor } from './decompressor.ts';

/** struct inflate_state: its size, and where the fields stand that are used here. The same in every library of this version. */
const stateSize = 87_368;
const fields = {
  nextOut: 0,
  availableOut: 8,
  nextIn: 16,
  availableIn: 32,
  blockState: 21_160,
  wrapper: 21_172,
} as const;
const blockFinished = 5;
/** Checksum and size behind the data are compared. The header before it is ours: the library stumbles over one in two pieces. */
const withoutHeader = 6;
/** The highest result that asks for nothing but more input or room. */
const outputFull = 2;

const reasons: Readonly<Record<number, string>> = {
  [-1]: 'invalid block',
  [-2]: 'invalid symbol',
  [-3]: 'invalid distance',
  [-6]: 'incorrect checksum',
};

type Library = ReturnType<typeof openLibrary>;
let opened: Library | undefined;

function openLibrary() {
  try {
    return dlopen('libisal.so.2', {
      isal_inflate_init: { args: ['ptr'], returns: 'void' },
      isal_inflate_reset: { args: ['ptr'], returns: 'void' },
      isal_inflate: { args: ['ptr'], returns: 'i32' },
    });
  } catch (cause) {
    throw new UnavailableError('cannot decompress gzip: libisal.so.2 is missing, install libisal2', {
      cause,
    });
  }
}

/** Bits of a header's fourth byte. */
const flags = { checksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

export class Gunzip implements Decompressor {
  readonly #library = (opened ??= openLibrary()).symbols;
  readonly #source: ByteSource;
  readonly #state = new Uint8Array(stateSize);
  readonly #view = new DataView(this.#state.buffer);
  /** Held: the library has its address. */
  #input: Uint8Array = new Uint8Array();
  #isInMember = false;
  #isEnded = false;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#library.isal_inflate_init(this.#state);
    this.#view.setUint32(fields.wrapper, withoutHeader, true);
  }

  read(output: Uint8Array): number {
    this.#view.setBigUint64(fields.nextOut, BigInt(ptr(output)), true);
    this.#view.setUint32(fields.availableOut, output.length, true);
    let room = output.length;
    while (room > 0 && !this.#isEnded) {
      if (!this.#isInMember) this.#readHeader();
      // Called before there is more input: it may hold output back that had no room the last time.
      const result = this.#library.isal_inflate(this.#state);
      if (result < 0 || result > outputFull) throw broken(reasons[result] ?? `error ${result}`);
      room = this.#view.getUint32(fields.availableOut, true);
      if (this.#view.getUint32(fields.blockState, true) === blockFinished) this.#endMember();
      else if (room > 0 && this.#left === 0 && !this.#fill()) {
        // What came before is given first: it may be all that is wanted.
        if (room < output.length) break;
        throw broken('unexpected end');
      }
    }
    return output.length - room;
  }

  /** https://www.rfc-editor.org/rfc/rfc1952#section-2.3 */
  #readHeader(): void {
    const [id1, id2, method, bits] = [this.#byte(), this.#byte(), this.#byte(), this.#byte()];
    if (id1 !== 0x1f || id2 !== 0x8b || method !== 8 || bits & flags.reserved) throw broken('invalid header');
    this.#skip(6);
    if (bits & flags.extra) this.#skip(this.#byte() + this.#byte() * 256);
    for (const text of [flags.name, flags.comment]) if (bits & text) while (this.#byte() !== 0) continue;
    if (bits & flags.checksum) this.#skip(2);
    this.#isInMember = true;
  }

  /** Another member may follow. What begins with a zero is padding. */
  #endMember(): void {
    this.#isInMember = false;
    this.#isEnded = (this.#left === 0 && !this.#fill()) || this.#input.at(-this.#left) === 0;
    if (!this.#isEnded) this.#library.isal_inflate_reset(this.#state);
    else while (this.#input.length > 0) this.#input = this.#source();
  }

  #byte(): number {
    if (this.#left === 0 && !this.#fill()) throw broken('unexpected end');
    const at = this.#input.length - this.#left;
    this.#setInput(at + 1);
    return this.#input[at] ?? 0;
  }

  #skip(count: number): void {
    for (let rest = count; rest > 0; rest--) this.#byte();
  }

  /** @returns false at the end of the source. */
  #fill(): boolean {
    this.#input = this.#source();
    if (this.#input.length === 0) return false;
    this.#setInput(0);
    return true;
  }

  #setInput(at: number): void {
    this.#view.setBigUint64(fields.nextIn, BigInt(ptr(this.#input)) + BigInt(at), true);
    this.#view.setUint32(fields.availableIn, this.#input.length - at, true);
  }

  get #left(): number {
    return this.#view.getUint32(fields.availableIn, true);
  }

  [Symbol.dispose](): void {}
}

function broken(reason: string): CorruptError {
  return new CorruptError(`cannot decompress layer: gzip: ${reason}`);
}
