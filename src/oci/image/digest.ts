/**
 * Content digests, `algorithm:hex`, parsed once at the edge and passed on as a type.
 * https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
 */
import { InvalidError } from '../../lib/errors.ts';

/** A well-formed digest of a supported algorithm. Made only by `parseDigest` and the functions of this file. */
export type Digest = `${DigestAlgorithm}:${string}` & { readonly [brand]: true };
declare const brand: unique symbol;

export type DigestAlgorithm = 'sha256' | 'sha512';

const hexLength: Record<DigestAlgorithm, number> = { sha256: 64, sha512: 128 };

/** The digest in `text`, or undefined. Upper-case hex and unknown algorithms are refused, as the spec says. */
export function tryParseDigest(text: string): Digest | undefined {
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, colon);
  if (algorithm !== 'sha256' && algorithm !== 'sha512') return undefined;
  const hex = text.slice(colon + 1);
  return hex.length === hexLength[algorithm] && /^[a-f0-9]+$/.test(hex) ? (text as Digest) : undefined;
}

/** @throws InvalidError when `text` is not a digest. */
export function parseDigest(text: string): Digest {
  const digest = tryParseDigest(text);
  if (!digest) throw new InvalidError(`invalid digest format: ${JSON.stringify(text.slice(0, 160))}`);
  return digest;
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The hex part alone. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** Twelve hex digits, as docker shows ids and layers. */
export function shortHexOf(digest: Digest): string {
  return hexOf(digest).slice(0, 12);
}

/** The digest of bytes that are already in memory (manifests, configs). */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${new Bun.CryptoHasher(algorithm).update(bytes).digest('hex')}` as Digest;
}

/** A running hash: feed it every chunk, then ask once. */
export class Digester {
  readonly algorithm: DigestAlgorithm;
  readonly #hasher: Bun.CryptoHasher;
  #size = 0;

  constructor(algorithm: DigestAlgorithm = 'sha256') {
    this.algorithm = algorithm;
    this.#hasher = new Bun.CryptoHasher(algorithm);
  }

  /** Bytes seen so far. */
  get size(): number {
    return this.#size;
  }

  update(chunk: Uint8Array): this {
    this.#hasher.update(chunk);
    this.#size += chunk.byteLength;
    return this;
  }

  /** The digest of what was fed; the digester is spent afterwards. */
  digest(): Digest {
    return `${this.algorithm}:${this.#hasher.digest('hex')}` as Digest;
  }
}
