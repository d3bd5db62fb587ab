/** The files of images: trees over the lists of their layers, the latest ones kept in memory. */
import { NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { ImageTree, type TreeEntry } from './image-tree.ts';
import type { LayerFiles } from './layer-files.ts';
import { LeastRecent } from './least-recent.ts';

/** In entries, of some 400 bytes each. */
const maxKept = 100_000;
/** What a page shows of a file. */
const maxContent = 512 * 1024;

export interface FileContent {
  readonly entry: TreeEntry;
  /** Undefined for what is no text, or too much of it. */
  readonly text: string | undefined;
  readonly reason: 'text' | 'binary' | 'too large';
}

export class ImageFiles {
  readonly #layers: LayerFiles;
  readonly #trees = new LeastRecent<string, ImageTree>(maxKept);

  constructor(layers: LayerFiles) {
    this.#layers = layers;
  }

  /** @param layers digests of blobs, lowest first. @throws as LayerFiles.list, and when there is too much to be shown. */
  async tree(layers: readonly Digest[]): Promise<ImageTree> {
    const key = layers.join(' ');
    const known = this.#trees.get(key);
    if (known) return known;
    const tree = new ImageTree();
    // One after the other: together they may be large.
    for (const layer of layers) tree.apply(await this.#layers.list(layer));
    this.#trees.set(key, tree, tree.count);
    return tree;
  }

  /** A file's text. @param path as in LayerEntry. @throws NotFoundError when it is no file of the image. */
  async content(layers: readonly Digest[], path: string): Promise<FileContent> {
    const tree = await this.tree(layers);
    const entry = tree.get(path);
    const layer = entry && layers[entry.layer];
    if (entry?.kind !== 'file' || !layer) throw new NotFoundError('the image has no such file');
    if (entry.size > maxContent) return { entry, text: undefined, reason: 'too large' };
    // A hard link is in its layer under its target's name.
    const bytes = await this.#layers.read(layer, entry.link || path, maxContent);
    const text = asText(bytes);
    return { entry, text, reason: text === undefined ? 'binary' : 'text' };
  }
}

function asText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
