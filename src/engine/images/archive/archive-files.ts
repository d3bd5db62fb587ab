/**
 * What a loaded archive holds, by the names of its members: tables of contents come last in it, so every file is taken in
 * before anything is known of it. Small JSON stays in memory, the rest goes to ingests that no digest leads to until an
 * image wants them. Names and links are only names here: nothing of the archive is ever made a file of that name.
 */
import { posix } from 'node:path';
import { InvalidError, NotFoundError } from '../../../lib/errors.ts';
import type { BlobInfo, ContentStore } from '../../../oci/content/content-store.ts';
import { checkExpected, type Expected } from '../../../oci/content/verify.ts';
import { maxConfigSize } from '../../../oci/image/image-config.ts';
import { type Compression, detectCompression } from '../../../oci/layer/compression.ts';
import type { Member } from './member-process.ts';

const maxMembers = 20_000;
const maxName = 4096;
/** Of all JSON together. */
const maxMemory = 64 * 1024 * 1024;
const maxLinks = 40;

interface ArchivedFile {
  readonly size: number;
  readonly compression: Compression;
  readonly held: Uint8Array | { readonly ingest: string };
}

export class ArchiveFiles implements AsyncDisposable {
  readonly #contents: ContentStore;
  readonly #files = new Map<string, ArchivedFile>();
  /** Where a name leads, symbolic or hard. */
  readonly #links = new Map<string, string>();
  readonly #committed = new Map<string, BlobInfo>();
  readonly #prefix = `load-${crypto.randomUUID()}`;
  #members = 0;
  #memory = 0;

  constructor(contents: ContentStore) {
    this.#contents = contents;
  }

  /** Takes a member in. @throws InvalidError for one that no image has. */
  async add(member: Member): Promise<void> {
    this.#members += 1;
    if (this.#members > maxMembers) throw new InvalidError('invalid archive: it has too many members');
    const name = insideName(member.name, member.name);
    switch (member.type) {
      case 'directory':
        return;
      case 'file':
        this.#requireNew(name);
        this.#files.set(name, await this.#take(member));
        return;
      case 'symlink':
        return this.#link(name, insideName(posix.join(posix.dirname(name), member.link), member.name));
      case 'link':
        return this.#link(name, insideName(member.link, member.name));
      default:
        throw new InvalidError(`invalid archive: ${shown(member.name)} is neither file, directory nor link`);
    }
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** A small file. @throws NotFoundError, InvalidError when it is too large or no JSON. */
  json(name: string): { readonly bytes: Uint8Array; readonly value: unknown } {
    const { held } = this.#require(name);
    if (!(held instanceof Uint8Array))
      throw new InvalidError(`invalid archive: ${shown(name)} is no small JSON`);
    try {
      return {
        bytes: held,
        value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(held)) as unknown,
      };
    } catch (cause) {
      throw new InvalidError(`invalid archive: ${shown(name)} is not JSON`, { cause });
    }
  }

  /** @throws NotFoundError */
  compressionOf(name: string): Compression {
    return this.#require(name).compression;
  }

  /**
   * Makes a file a blob, visible by its digest. Idempotent.
   * @throws CorruptError when it is not what is expected.
   */
  async commit(name: string, expected: Expected): Promise<BlobInfo> {
    const path = this.#resolve(name);
    const { held } = this.#require(name);
    const known = this.#committed.get(path);
    if (known) {
      checkExpected(known, expected);
      return known;
    }
    const ingest = await this.#contents.ingest(
      held instanceof Uint8Array ? `${this.#prefix}-${this.#members++}` : held.ingest,
    );
    try {
      if (held instanceof Uint8Array) await ingest.write(held);
      const { digest, size } = expected;
      const info = await ingest.commit({ ...(digest && { digest }), ...(size !== undefined && { size }) });
      this.#committed.set(path, info);
      return info;
    } catch (error) {
      await ingest.abort();
      throw error;
    }
  }

  /** What was not committed goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const [path, { held }] of this.#files) {
      if (held instanceof Uint8Array || this.#committed.has(path)) continue;
      await (await this.#contents.ingest(held.ingest)).abort();
    }
    this.#files.clear();
  }

  async #take(member: Member): Promise<ArchivedFile> {
    const { size } = member;
    const source = member.content();
    const first = await source.next();
    const head = first.done ? new Uint8Array() : Uint8Array.from(first.value);
    const compression = detectCompression(head);
    if (size <= maxConfigSize && this.#memory + size <= maxMemory && looksLikeJson(head)) {
      this.#memory += size;
      const parts = [head];
      for await (const part of source) parts.push(Uint8Array.from(part));
      return { size, compression, held: Buffer.concat(parts) };
    }
    const id = `${this.#prefix}-${this.#members}`;
    const ingest = await this.#contents.ingest(id);
    try {
      await ingest.write(head);
      for await (const part of source) await ingest.write(part);
      await ingest.close();
    } catch (error) {
      await ingest.abort();
      throw error;
    }
    return { size, compression, held: { ingest: id } };
  }

  #link(name: string, target: string): void {
    if (this.#links.get(name) === target) return;
    this.#requireNew(name);
    this.#links.set(name, target);
  }

  #requireNew(name: string): void {
    if (this.#files.has(name) || this.#links.has(name))
      throw new InvalidError(`invalid archive: it holds ${shown(name)} twice`);
  }

  #require(name: string): ArchivedFile {
    const file = this.#find(name);
    if (!file) throw new NotFoundError(`invalid archive: ${shown(name)} is missing`);
    return file;
  }

  #find(name: string): ArchivedFile | undefined {
    return this.#files.get(this.#resolve(name));
  }

  /** The file at the end of the links. */
  #resolve(name: string): string {
    let path = insideName(name, name);
    for (let hops = 0; hops < maxLinks; hops++) {
      const target = this.#links.get(path);
      if (target === undefined) return path;
      path = target;
    }
    throw new InvalidError(`invalid archive: ${shown(name)} leads nowhere`);
  }
}

/** A name relative to the archive's root. @param told the name for the message. @throws InvalidError when it climbs out. */
function insideName(name: string, told: string): string {
  if (name.length > maxName) throw new InvalidError('invalid archive: a name is too long');
  // What is absolute begins at the archive's root, as tar has it.
  const path = posix.normalize(name.replace(/^\/+/, '')).replace(/\/$/, '');
  if (path === '..' || path.startsWith('../'))
    throw new InvalidError(`invalid archive: ${shown(told)} leads out of it`);
  return path;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}

/** No layer begins so: neither a compressed one, nor a tar whose first member has a sane name. */
function looksLikeJson(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 16)).toString('latin1').trimStart();
  return text.startsWith('{') || text.startsWith('[');
}
