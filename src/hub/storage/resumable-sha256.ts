/**
 * SHA-256 whose state can be kept and gone on with, in another process too: what lets an upload go on at another copy of the hub
 * without reading its bytes again. By libcrypto, since Bun's own hashes don't tell their state, and it is ten times as fast as
 * WebAssembly. https://docs.openssl.org/3.0/man3/SHA256_Init/
 */
import { dlopen, ptr } from 'bun:ffi';
import { CorruptError, UnavailableError } from '../../lib/errors.ts';
import { type Digest, parseDigest } from '../../oci/image/digest.ts';

/** struct SHA256_CTX: eight words of hash, the length in bits, a block begun, how much of it, length of the digest. */
const stateSize = 112;
const bufferedAt = 104;
const digestSize = 32;
const blockSize = 64;

type Library = ReturnType<typeof openLibrary>;
let opened: Library | undefined;

function openLibrary() {
  try {
    return dlopen('libcrypto.so.3', {
      SHA256_Init: { args: ['ptr'], returns: 'i32' },
      SHA256_Update: { args: ['ptr', 'ptr', 'u64'], returns: 'i32' },
      SHA256_Final: { args: ['ptr', 'ptr'], returns: 'i32' },
    });
  } catch (cause) {
    throw new UnavailableError(
      'cannot keep blobs in an object store: libcrypto.so.3 is missing, install openssl',
      {
        cause,
      },
    );
  }
}

export class ResumableSha256 {
  readonly #library = (opened ??= openLibrary()).symbols;
  readonly #state: Uint8Array;

  /** @param saved of `save`. @throws CorruptError when it is none. */
  constructor(saved?: Uint8Array) {
    this.#state = new Uint8Array(stateSize);
    if (!saved) {
      this.#library.SHA256_Init(ptr(this.#state));
      return;
    }
    this.#state.set(saved.subarray(0, stateSize));
    const view = new DataView(this.#state.buffer);
    // The library would write beyond the block.
    if (
      saved.byteLength !== stateSize ||
      view.getUint32(bufferedAt, true) >= blockSize ||
      view.getUint32(bufferedAt + 4, true) !== digestSize
    ) {
      throw new CorruptError('cannot go on with a hash: this is no state of one');
    }
  }

  update(bytes: Uint8Array): void {
    if (bytes.byteLength > 0) this.#library.SHA256_Update(ptr(this.#state), ptr(bytes), bytes.byteLength);
  }

  /** All that is needed to go on elsewhere. */
  save(): Uint8Array {
    return this.#state.slice();
  }

  /** Of what was fed so far; it can be fed on afterwards. */
  digest(): Digest {
    const state = this.#state.slice();
    const digest = new Uint8Array(digestSize);
    this.#library.SHA256_Final(ptr(digest), ptr(state));
    return parseDigest(`sha256:${Buffer.from(digest).toString('hex')}`);
  }
}
