/**
 * The files of an image as a container would see them: its layers one over the other, whiteouts done.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets
 */
import { NotFoundError } from '../../lib/errors.ts';
import { parentOf } from '../../oci/layer/layer-path.ts';
import type { LayerEntry } from './layer-entry.ts';

export interface TreeEntry extends LayerEntry {
  /** Which layer it is from, 0 the lowest. Of a directory that is only named in paths: the first that names it. */
  readonly layer: number;
}

/** Directories that are only named in paths count as well: this is what bounds the memory of a tree. */
const maxEntries = 200_000;

export class ImageTree {
  readonly #entries = new Map<string, TreeEntry>();
  readonly #children = new Map<string, Set<string>>();
  #sizes: ReadonlyMap<string, number> | undefined;

  #layers = 0;

  constructor() {
    this.#put(implied('', 0));
  }

  /** Puts the next layer on top. @throws NotFoundError when there is too much to be shown. */
  apply(layer: readonly LayerEntry[]): void {
    // What a layer hides is of the layers below, wherever in the archive it says so.
    for (const entry of layer) this.#hide(entry);
    for (const entry of layer) this.#add(entry, this.#layers);
    this.#layers += 1;
    this.#sizes = undefined;
  }

  /** How many there are, the root among them. */
  get count(): number {
    return this.#entries.size;
  }

  get(path: string): TreeEntry | undefined {
    return this.#entries.get(path);
  }

  /** What a directory holds, sorted by bytes; nothing for anything else. */
  list(path: string): readonly TreeEntry[] {
    return [...(this.#children.get(path) ?? [])]
      .toSorted((a, b) => (a < b ? -1 : 1))
      .flatMap((child) => this.#entries.get(child) ?? []);
  }

  /** Every entry below the root, in no order. */
  *entries(): Generator<TreeEntry, void, undefined> {
    for (const entry of this.#entries.values()) if (entry.path !== '') yield entry;
  }

  /** Bytes of a file, or of all files in a directory. Hard links count once each: that is what they show. */
  sizeOf(path: string): number {
    this.#sizes ??= this.#addUp();
    return this.#sizes.get(path) ?? 0;
  }

  #addUp(): ReadonlyMap<string, number> {
    const sizes = new Map<string, number>();
    for (const { path, kind, size } of this.#entries.values()) {
      if (kind !== 'file') continue;
      sizes.set(path, size);
      for (let above = path; above !== '';) {
        above = parentOf(above);
        sizes.set(above, (sizes.get(above) ?? 0) + size);
      }
    }
    return sizes;
  }

  #hide({ kind, path }: LayerEntry): void {
    if (kind === 'whiteout') this.#remove(path);
    if (kind === 'opaque') for (const child of this.#children.get(path) ?? []) this.#remove(child);
  }

  #add(entry: LayerEntry, layer: number): void {
    if (entry.kind === 'whiteout') return;
    if (entry.kind === 'opaque') return this.#ensureDirectory(entry.path, layer);
    if (entry.path !== '') this.#ensureDirectory(parentOf(entry.path), layer);
    if (entry.kind !== 'directory') this.#remove(entry.path);
    const target = entry.kind === 'link' ? this.#entries.get(entry.link) : undefined;
    // A hard link is its target's file under another name.
    this.#put(
      target ? { ...target, path: entry.path, link: target.link || target.path } : { ...entry, layer },
    );
  }

  #ensureDirectory(path: string, layer: number): void {
    const there = this.#entries.get(path);
    // A link may stand for a directory: what is below it is shown below it.
    if (there && (there.kind === 'directory' || there.kind === 'symlink')) return;
    if (path !== '') this.#ensureDirectory(parentOf(path), layer);
    this.#remove(path);
    this.#put(implied(path, layer));
  }

  #put(entry: TreeEntry): void {
    if (this.#entries.size > maxEntries)
      throw new NotFoundError('the image holds too many files to be shown');
    this.#entries.set(entry.path, entry);
    if (entry.path === '') return;
    const parent = parentOf(entry.path);
    const siblings = this.#children.get(parent);
    if (siblings) siblings.add(entry.path);
    else this.#children.set(parent, new Set([entry.path]));
  }

  #remove(path: string): void {
    for (const child of this.#children.get(path) ?? []) this.#remove(child);
    this.#children.delete(path);
    this.#children.get(parentOf(path))?.delete(path);
    this.#entries.delete(path);
  }
}

function implied(path: string, layer: number): TreeEntry {
  return {
    path,
    kind: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 0,
    link: '',
    content: '',
    layer,
  };
}
