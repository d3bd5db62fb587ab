/**
 * Walks what a source stands for, by descriptors and without following links: nothing that is in the tree leads out of
 * it. Directories come before what is in them, names sorted by their bytes.
 */
import { baseOf, parentOf } from '../../../oci/layer/layer-path.ts';
import { closeFile, type FileStat, openDirectory, readNames, statFile } from '../../linux/file.ts';
import { isDirectory } from '../../snapshots/overlay-format.ts';
import { type MatchedPath, openIn } from './matched-path.ts';
import type { WalkFilter } from './walk-filter.ts';

export interface SourceEntry {
  /** The open directory that holds it. */
  readonly parent: number;
  readonly name: Buffer;
  readonly stat: FileStat;
  /** From the source; '' for the source itself. */
  readonly path: string;
  /** A directory that is not asked for itself, only what is in it. */
  readonly isImplied: boolean;
}

export interface SourceVisitor {
  /** Anything but a directory. */
  file(entry: SourceEntry): void;
  enter(entry: SourceEntry): void;
  leave(entry: SourceEntry): void;
}

export function walkSource(match: MatchedPath, visitor: SourceVisitor): void {
  const { tree, path, stat, filter } = match;
  const parent = openIn(tree, parentOf(path));
  try {
    const name = Buffer.from(path === '' ? '.' : baseOf(path), 'latin1');
    const top: SourceEntry = { parent, name, stat, path: '', isImplied: false };
    if (!isDirectory(stat)) return visitor.file(top);
    visitor.enter(top);
    new Walk(filter, visitor, path).into(top, undefined);
    visitor.leave(top);
  } finally {
    closeFile(parent);
  }
}

/** Directories that wait for something in them, up to the root. */
interface Pending {
  readonly entry: SourceEntry;
  readonly above: Pending | undefined;
  isEntered: boolean;
}

class Walk {
  readonly #filter: WalkFilter;
  readonly #visitor: SourceVisitor;
  readonly #top: string;

  constructor(filter: WalkFilter, visitor: SourceVisitor, top: string) {
    this.#filter = filter;
    this.#visitor = visitor;
    this.#top = top;
  }

  into({ parent, name, path }: SourceEntry, pending: Pending | undefined): void {
    const directory = openDirectory(parent, name);
    try {
      for (const child of readNames(directory).toSorted((a, b) => a.compare(b))) {
        this.#visit(directory, child, path, pending);
      }
    } finally {
      closeFile(directory);
    }
  }

  #visit(directory: number, name: Buffer, above: string, pending: Pending | undefined): void {
    const stat = statFile(directory, name);
    const path = (above && `${above}/`) + name.toString('latin1');
    const isInner = isDirectory(stat);
    const verdict = this.#filter.verdict(path, (this.#top && `${this.#top}/`) + path, isInner);
    if (verdict === 'skip') return;
    const entry = { parent: directory, name, stat, path, isImplied: verdict === 'descend' };
    if (verdict === 'descend') return this.#descend({ entry, above: pending, isEntered: false });
    this.#enterPending(pending);
    if (!isInner) return this.#visitor.file(entry);
    this.#visitor.enter(entry);
    this.into(entry, undefined);
    this.#visitor.leave(entry);
  }

  #descend(pending: Pending): void {
    this.into(pending.entry, pending);
    if (pending.isEntered) this.#visitor.leave(pending.entry);
  }

  #enterPending(pending: Pending | undefined): void {
    if (!pending || pending.isEntered) return;
    this.#enterPending(pending.above);
    this.#visitor.enter(pending.entry);
    pending.isEntered = true;
  }
}
