/** What one layer did to those below it: its entries, its whiteouts, and what its opaque directories hide. */
import { isDirectory } from './overlay-format.ts';
import { type ChangeWriter, changeOf, kinds, totalOf, weightOf } from './change-writer.ts';
import type { FileChange } from '../../engine-api/image-changes.ts';
import { LowerDirectory, type LowerEntry } from './lower-directory.ts';
import type { LayerChangesOptions } from './snapshot-store.ts';
import { type UpperEntry, type UpperVisitor, namesIn, walkUpper } from './walk-upper.ts';

/** @param layers their directories, topmost first. */
export function writeLayerChanges(
  layers: readonly string[],
  options: LayerChangesOptions,
  writer: ChangeWriter,
): void {
  layers.forEach((layer, index) => {
    writer.write({ Layer: layers.length - 1 - index });
    const visitor = new LayerVisitor(writer, options);
    walkUpper(layer, LowerDirectory.ofLayers(layers.slice(index + 1)), visitor);
    visitor.end();
    // What is known of a layer is shown before the next is looked into.
    writer.flush();
  });
}

class LayerVisitor implements UpperVisitor {
  readonly #writer: ChangeWriter;
  readonly #options: LayerChangesOptions;
  #count = 0;
  /** The new directory that the walk is in. */
  #summed: { readonly path: Buffer; size: number; entries: number } | undefined;
  /** Files with several names of which one has been counted. */
  readonly #linked = new Set<bigint>();

  constructor(writer: ChangeWriter, options: LayerChangesOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  enter(entry: UpperEntry): void {
    if (this.#summed) return this.#add(this.#summed, entry);
    const { path, stat, lower } = entry;
    if (entry.isWhiteout) {
      if (lower) this.#deleted(path, lower);
    } else if (!isDirectory(stat)) {
      // A file of the layer takes the place of the one below, even if size and time are the same.
      const kind = lower ? kinds.modified : kinds.added;
      this.#tell(changeOf(kind, path, { size: weightOf(stat), isDirectory: false }));
    } else {
      this.#directory(entry);
    }
  }

  leave({ path }: UpperEntry): void {
    const summed = this.#summed;
    if (!summed?.path.equals(path)) return;
    this.#summed = undefined;
    const { size, entries } = summed;
    this.#tell(changeOf(kinds.added, path, { size, entries, isDirectory: true }));
  }

  end(): void {
    const untold = this.#count - this.#options.limit;
    if (untold > 0) this.#writer.write({ More: untold });
  }

  #directory(entry: UpperEntry): void {
    const { path, stat, lower } = entry;
    const own = { size: 0, isDirectory: true };
    if (!lower) {
      if (this.#options.isWhole) this.#tell(changeOf(kinds.added, path, own));
      else this.#summed = { path, size: 0, entries: 0 };
      return;
    }
    const { mode, uid, gid } = lower.stat;
    if (mode !== stat.mode || uid !== stat.uid || gid !== stat.gid)
      this.#tell(changeOf(kinds.modified, path, own));
    if (!entry.isHiding || !lower.directory) return;
    const there = new Set(namesOf(entry));
    for (const [name, hidden] of lower.directory.entries())
      if (!there.has(name.toString('latin1'))) this.#deleted(Buffer.concat([path, slash, name]), hidden);
  }

  #deleted(path: Buffer, lower: LowerEntry): void {
    const { size, entries } = totalOf(lower);
    const isDirectoryBelow = lower.directory !== undefined;
    this.#tell(
      changeOf(kinds.deleted, path, {
        size,
        isDirectory: isDirectoryBelow,
        ...(isDirectoryBelow && { entries }),
      }),
    );
  }

  #add(summed: { size: number; entries: number }, { stat, isWhiteout }: UpperEntry): void {
    if (isWhiteout) return;
    summed.entries += 1;
    if (stat.links > 1 && !isDirectory(stat)) {
      if (this.#linked.has(stat.inode)) return;
      this.#linked.add(stat.inode);
    }
    summed.size += weightOf(stat);
  }

  #tell(change: FileChange): void {
    this.#count += 1;
    if (this.#count <= this.#options.limit) this.#writer.write({ Change: change });
  }
}

const slash = Buffer.from('/');

/** In latin1. */
function namesOf(entry: UpperEntry): string[] {
  return (namesIn(entry) ?? []).map((name) => name.toString('latin1'));
}
