/**
 * The unpacking process's second thread: reads the layer from standard input, decompresses it, digests the plain bytes, and
 * hands them to the thread that makes the files. So the two halves of the work, about equal, have a core each.
 */
import { readSync } from 'node:fs';
import { Worker, workerData } from 'node:worker_threads';
import { CorruptError } from '../../lib/errors.ts';
import { type Digest, Digester } from '../image/digest.ts';
import type { ByteSource } from './byte-reader.ts';
import { openDecompressor } from './compression.ts';
import { RingReader, RingWriter, ringMemory } from './chunk-ring.ts';
import { type LayerFailure, layerFailure } from './layer-failure.ts';

interface SourceEnd {
  readonly diffId?: Digest;
  readonly failure?: LayerFailure;
}

const stdin = 0;
const readSize = 256 * 1024;
const withoutDigest = 'without-digest';

export class LayerSource {
  readonly #ring: RingReader;

  /**
   * Starts the thread; it is at work when this returns, with all that it will load from disk.
   * @param digests whether there is to be a diff ID.
   */
  constructor({ digests }: { readonly digests: boolean }) {
    const memory = ringMemory();
    this.#ring = new RingReader(memory);
    // This very program, told to be the other thread.
    const argv = digests ? ['@read-layer'] : ['@read-layer', withoutDigest];
    const thread = new Worker(Bun.main, { argv, workerData: memory });
    thread.unref();
    this.#ring.waitForFirst();
  }

  /** The plain bytes; an empty piece at their end, and where they could not be read on. */
  get next(): ByteSource {
    return this.#ring.next;
  }

  /** Of all bytes, once they were read to their end. @throws CorruptError before, and when they could not be. */
  get diffId(): Digest {
    const { diffId, failure } = this.#end;
    if (diffId === undefined)
      throw new CorruptError(failure?.error ?? 'cannot digest layer: it was not read');
    return diffId;
  }

  /** Why the bytes could not be read to their end, if so. */
  get failure(): LayerFailure | undefined {
    return this.#end.failure;
  }

  get #end(): SourceEnd {
    return JSON.parse(this.#ring.lastWords ?? '{}') as SourceEnd;
  }
}

/** The other thread. @returns its exit code. */
export function runLayerSource(): number {
  const ring = new RingWriter(workerData as SharedArrayBuffer);
  ring.end(JSON.stringify(pump(ring)));
  return 0;
}

function pump(ring: RingWriter): SourceEnd {
  try {
    const digester = process.argv.includes(withoutDigest) ? undefined : new Digester();
    using decompressor = openDecompressor(input());
    for (;;) {
      const slot = ring.next();
      const length = decompressor.read(slot);
      if (length === 0) return digester ? { diffId: digester.digest() } : {};
      digester?.update(slot.subarray(0, length));
      ring.publish(length);
    }
  } catch (error) {
    return { failure: layerFailure(error) };
  }
}

function input(): ByteSource {
  const buffer = new Uint8Array(readSize);
  return () => buffer.subarray(0, readSync(stdin, buffer));
}
