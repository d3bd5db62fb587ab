/**
 * The digest of what an instruction copies: names, kinds, modes, owners where they are kept, link targets, devices,
 * attributes and bytes. Not times: a checkout or another machine has other ones.
 */
import { readSync } from 'node:fs';
import type { Digest } from '../../../oci/image/digest.ts';
import { baseOf } from '../../../oci/layer/layer-path.ts';
import { fileTypes } from '../../linux/device.ts';
import { closeFile, openFile, openFlags, readLink } from '../../linux/file.ts';
import { ownXattrs } from '../../snapshots/member-writer.ts';
import { pathIn } from '../../snapshots/walk-upper.ts';
import { ContentHashes } from './content-hashes.ts';
import type { FileSelection, SourceTree } from './file-source.ts';
import { type MatchedPath, matchPaths } from './matched-path.ts';
import { type SourceEntry, type SourceVisitor, walkSource } from './walk-source.ts';

/** @throws NotFoundError, InvalidError, SystemCallError */
export function digestSelection(selection: FileSelection): Digest {
  const record = new Recorder();
  const hashes = new Map<SourceTree, ContentHashes | undefined>();
  for (const source of selection.sources) {
    if (source.kind === 'inline') {
      record.add('inline', source.name, source.content);
      continue;
    }
    const { tree, unpack } = source;
    if (!hashes.has(tree))
      hashes.set(tree, tree.hashes === undefined ? undefined : new ContentHashes(tree.hashes));
    for (const match of matchPaths(source, selection)) {
      record.add('source', unpack ? 'unpacked' : 'copied');
      walkSource(match, new EntryDigest(record, match, hashes.get(tree)));
    }
  }
  return record.digest();
}

/** Fields with their lengths, so that no two lists of them give the same bytes. */
class Recorder {
  readonly #hasher = new Bun.CryptoHasher('sha256');

  add(...fields: readonly (string | Uint8Array)[]): void {
    const parts = fields.flatMap((field) => {
      const bytes = typeof field === 'string' ? Buffer.from(field) : field;
      return [Buffer.from(`${bytes.length}:`), bytes];
    });
    this.#hasher.update(Buffer.concat([Buffer.from(`${fields.length};`), ...parts]));
  }

  digest(): Digest {
    return `sha256:${this.#hasher.digest('hex')}` as Digest;
  }
}

class EntryDigest implements SourceVisitor {
  readonly #record: Recorder;
  readonly #match: MatchedPath;
  readonly #hashes: ContentHashes | undefined;
  /** By device and inode: where a file with several names was met first. */
  readonly #firstPaths = new Map<string, string>();

  constructor(record: Recorder, match: MatchedPath, hashes: ContentHashes | undefined) {
    this.#record = record;
    this.#match = match;
    this.#hashes = hashes;
  }

  enter(entry: SourceEntry): void {
    // Of a directory that is copied, only what is in it counts: the destination's attributes stay as they are.
    if (entry.path !== '') this.#add(entry, 'directory');
  }

  leave(): void {}

  file(entry: SourceEntry): void {
    const { parent, name, stat } = entry;
    switch (stat.mode & fileTypes.mask) {
      case fileTypes.regular:
        return this.#add(entry, 'file', this.#content(entry));
      case fileTypes.symlink:
        return this.#add(entry, 'link', readLink(parent, name));
      default:
        return this.#add(entry, 'node', `${stat.mode & fileTypes.mask} ${stat.major} ${stat.minor}`);
    }
  }

  #add(entry: SourceEntry, kind: string, ...content: readonly (string | Uint8Array)[]): void {
    const { stat, path, parent, name } = entry;
    const { tree, asked } = this.#match;
    const attributes = [...ownXattrs(pathIn(parent, name))].toSorted(([a], [b]) => (a < b ? -1 : 1)).flat();
    this.#record.add(
      kind,
      // The copy of a file may be named after it.
      Buffer.from(path === '' ? baseOf(asked) : `/${path}`, 'latin1'),
      (stat.mode & 0o7777).toString(8),
      tree.keepsOwner ? `${stat.uid}:${stat.gid}` : '',
      ...content,
      ...attributes,
    );
  }

  #content(entry: SourceEntry): string | Uint8Array {
    const { stat, path } = entry;
    if (stat.links > 1) {
      const identity = `${stat.device}:${stat.inode}`;
      const first = this.#firstPaths.get(identity);
      if (first !== undefined) return `same as ${first}`;
      this.#firstPaths.set(identity, path);
    }
    return this.#hashes?.get(stat.inode) ?? hashFile(entry);
  }
}

const buffer = Buffer.alloc(256 * 1024);

function hashFile({ parent, name, stat }: SourceEntry): Uint8Array {
  const hasher = new Bun.CryptoHasher('sha256');
  if (stat.size === 0) return hasher.digest();
  const file = openFile(parent, name, openFlags.read | openFlags.nonBlocking);
  try {
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer))
      hasher.update(buffer.subarray(0, size));
  } finally {
    closeFile(file);
  }
  return hasher.digest();
}
