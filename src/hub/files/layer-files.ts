/**
 * What layers hold: lists made by a process of its own (layer-child.ts) on first use, kept as files beside the blobs and the
 * latest ones in memory. They can be made again at any time: nothing is synced, and a broken one is made anew.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptError, messageOf, NotFoundError, UnavailableError } from '../../lib/errors.ts';
import { bodyOf, type ContentStore } from '../../oci/content/content-store.ts';
import { algorithmOf, type Digest, hexOf } from '../../oci/image/digest.ts';
import type { LayerFailure } from '../../oci/layer/layer-failure.ts';
import { Slots } from '../../lib/slots.ts';
import { LeastRecent } from './least-recent.ts';
import { decodeEntries, type LayerEntry } from './layer-entry.ts';

export interface LayerFilesOptions {
  /** Of the lists, made when absent. */
  readonly directory: string;
  readonly contents: ContentStore;
  /** The argv that starts this very program. */
  readonly self: readonly string[];
}

/** Each takes a core and a half. */
const childrenAtOnce = 2;
/** In entries, of some 300 bytes each. */
const maxKept = 50_000;

export class LayerFiles {
  readonly #options: LayerFilesOptions;
  readonly #slots = new Slots(childrenAtOnce);
  readonly #kept = new LeastRecent<Digest, readonly LayerEntry[]>(maxKept);
  readonly #making = new Map<Digest, Promise<readonly LayerEntry[]>>();

  constructor(options: LayerFilesOptions) {
    this.#options = options;
  }

  /**
   * Every member of the layer, in the order of its archive. Who asks for the same at once shares the work.
   * @throws NotFoundError for a blob that is not here, is no layer, or holds too much to be shown; UnavailableError
   */
  async list(digest: Digest): Promise<readonly LayerEntry[]> {
    const known = this.#kept.get(digest) ?? this.#making.get(digest);
    if (known) return known;
    const making = this.#read(digest).finally(() => this.#making.delete(digest));
    this.#making.set(digest, making);
    const entries = await making;
    this.#kept.set(digest, entries, entries.length);
    return entries;
  }

  /** The first `max` bytes of a file of the layer. @param path as in LayerEntry. @throws as `list`. */
  async read(digest: Digest, path: string, max: number): Promise<Uint8Array> {
    return this.#run(digest, ['read', path, String(max)]);
  }

  /** Drops lists of layers that are no longer here. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#options.directory).catch(() => [])) {
      const digest = name.replace('-', ':') as Digest;
      if (name.includes('.') || !(await this.#options.contents.stat(digest)))
        await rm(join(this.#options.directory, name), { force: true });
    }
  }

  async #read(digest: Digest): Promise<readonly LayerEntry[]> {
    const path = join(this.#options.directory, `${algorithmOf(digest)}-${hexOf(digest)}`);
    const file = Bun.file(path);
    if (await file.exists()) {
      try {
        return decodeEntries(await file.bytes());
      } catch (error) {
        if (!(error instanceof CorruptError)) throw error;
      }
    }
    const packed = await this.#run(digest, ['list']);
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
    const temporary = `${path}.${crypto.randomUUID()}`;
    await Bun.write(temporary, packed);
    await rename(temporary, path);
    return decodeEntries(packed);
  }

  async #run(digest: Digest, task: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
    using _slot = await this.#slots.take();
    const blob = await this.#options.contents.open(digest);
    const child = Bun.spawn([...this.#options.self, '@layer', ...task], {
      // No more than it needs: what it reads is hostile.
      env: {},
      stdin: bodyOf(blob),
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [output, failure, exitCode] = await Promise.all([
      new Response(child.stdout).bytes(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (exitCode === 0) return output;
    throw asError(failure);
  }
}

function asError(text: string): Error {
  let failure: LayerFailure;
  try {
    failure = JSON.parse(text) as LayerFailure;
  } catch (error) {
    return new UnavailableError(`cannot look into the layer: ${text.trim() || messageOf(error)}`);
  }
  const { error, kind } = failure;
  return kind === 'unavailable'
    ? new UnavailableError(error)
    : new NotFoundError(`this is no layer that can be shown: ${error}`);
}
