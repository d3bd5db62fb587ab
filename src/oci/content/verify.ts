/**
 * Bytes that pass by are counted, hashed and capped; a lie is told before the end of the stream is seen.
 * Used wherever bytes come from outside: downloads, uploads, layers on their way into a snapshot.
 */
import { CorruptError } from '../../lib/errors.ts';
import { algorithmOf, type Digest, Digester } from '../image/digest.ts';

/** What the bytes have to be; whatever is left out is not checked. */
export interface Expected {
  readonly digest?: Digest | undefined;
  /** Exact length in bytes. */
  readonly size?: number | undefined;
}

/** Counts and hashes chunk by chunk: the arithmetic behind `verify`, for writers that push. */
export class Verifier {
  readonly #expected: Expected;
  readonly #digester: Digester;

  constructor(expected: Expected) {
    this.#expected = expected;
    this.#digester = new Digester(expected.digest ? algorithmOf(expected.digest) : 'sha256');
  }

  /** @throws CorruptError as soon as there are more bytes than promised. */
  update(chunk: Uint8Array): void {
    this.#digester.update(chunk);
    const { size } = this.#expected;
    if (size !== undefined && this.#digester.size > size) {
      throw new CorruptError(`cannot read blob: it is longer than the ${size} bytes promised`);
    }
  }

  /** The digest of all bytes. @throws CorruptError when they are not what was expected. */
  end(): { digest: Digest; size: number } {
    const { size } = this.#digester;
    const digest = this.#digester.digest();
    checkExpected({ digest, size }, this.#expected);
    return { digest, size };
  }
}

/** Passes the bytes of `source` on, and throws in place of the end when they are not what was expected. */
export async function* verify(
  source: AsyncIterable<Uint8Array>,
  expected: Expected,
): AsyncGenerator<Uint8Array, void, undefined> {
  const verifier = new Verifier(expected);
  for await (const chunk of source) {
    verifier.update(chunk);
    yield chunk;
  }
  verifier.end();
}

/** @throws CorruptError when `actual` is not `expected`. */
export function checkExpected(actual: { digest: Digest; size: number }, expected: Expected): void {
  if (expected.size !== undefined && actual.size !== expected.size) {
    throw new CorruptError(`unexpected size: got ${actual.size} bytes, want ${expected.size}`);
  }
  if (expected.digest !== undefined && actual.digest !== expected.digest) {
    throw new CorruptError(
      `filesystem layer verification failed for digest ${expected.digest}: got ${actual.digest}`,
    );
  }
}
