/**
 * `type=local` caches: an OCI image layout on this machine, whose blobs the engine reads and writes one by one.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { lstatSync, readFileSync } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HijackedStream } from '../../engine-api/hijack.ts';
import { type DirectoryAnswer, type DirectoryRequest, encodeLine } from '../../engine-api/lent-directory.ts';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import { CorruptError, errnoOf, InvalidError, messageOf, NotFoundError } from '../../lib/errors.ts';
import { whileLocked } from '../../lib/file-lock.ts';
import { LineReader } from '../../lib/line-reader.ts';
import { writeAll } from '../../lib/write-all.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { algorithmOf, type Digest, Digester, hexOf, parseDigest } from '../../oci/image/digest.ts';
import { parseManifest } from '../../oci/image/manifest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';

const nameAnnotation = 'org.opencontainers.image.ref.name';

export class CacheDirectory {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The manifest that index.json calls so. @throws NotFoundError, CorruptError */
  find(tag: string): Digest {
    const found = this.#index().find(({ annotations }) => annotations?.[nameAnnotation] === tag);
    if (!found) throw new NotFoundError(`${join(this.#path, 'index.json')} has no ${tag}`);
    return found.digest;
  }

  /** One request of the engine's. What it fails with is its answer. The engine ends the connection. */
  async serve(connection: HijackedStream, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const lines = new LineReader(bytes);
    try {
      await this.#answer(await lines.value<DirectoryRequest>(), connection, lines);
    } catch (error) {
      await connection.write(encodeLine({ error: messageOf(error) }));
    }
    connection.closeWrite();
    await lines.drain();
  }

  async #answer(request: DirectoryRequest, connection: HijackedStream, lines: LineReader): Promise<void> {
    const tell = (answer: DirectoryAnswer): Promise<void> => connection.write(encodeLine(answer));
    switch (request.kind) {
      case 'stat':
        return await tell(this.#sizeOf(request.digest));
      case 'read':
        return await this.#read(request.digest, request.offset, connection);
      case 'write':
        await this.#write(request.digest, lines.bytes(request.size));
        return await tell({ size: request.size });
      default:
        await this.#tag(request.manifest, request.tag);
        return await tell({});
    }
  }

  #sizeOf(digest: Digest): DirectoryAnswer {
    const found = lstatSync(this.#blob(digest), { throwIfNoEntry: false });
    return found?.isFile() === true ? { size: found.size } : {};
  }

  async #read(digest: Digest, offset: number, connection: HijackedStream): Promise<void> {
    const answer = this.#sizeOf(digest);
    await connection.write(encodeLine(answer));
    if (answer.size === undefined) return;
    for await (const chunk of Bun.file(this.#blob(digest)).slice(offset).stream()) {
      if (connection.isClosed) return;
      await connection.write(chunk);
    }
  }

  /** Under another name first: a build that is broken off leaves no half blob. */
  async #write(digest: Digest, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const place = this.#blob(digest);
    const temporary = join(this.#path, `.${crypto.randomUUID()}`);
    await mkdir(dirname(place), { recursive: true });
    const digester = new Digester(algorithmOf(digest));
    const file = await open(temporary, 'wx', 0o644);
    try {
      for await (const chunk of bytes) {
        digester.update(chunk);
        await writeAll(file, chunk);
      }
      const found = digester.digest();
      if (found !== digest) throw new CorruptError(`blob ${digest} came as ${found}`);
      await file.close();
      await rename(temporary, place);
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Other builds give other tags here at the same time: what is read is still so when it is written. */
  async #tag({ mediaType, digest, size }: Descriptor, tag: string): Promise<void> {
    const entry = { mediaType, digest, size, annotations: { [nameAnnotation]: tag } };
    await whileLocked(this.#path, async () => {
      const others = this.#index(true).filter(({ annotations }) => annotations?.[nameAnnotation] !== tag);
      const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...others, entry] };
      await writeFileAtomic(join(this.#path, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
      await writeFileAtomic(join(this.#path, 'index.json'), JSON.stringify(index));
    });
  }

  /** @throws NotFoundError, CorruptError */
  #index(mayLack = false): readonly Descriptor[] {
    const path = join(this.#path, 'index.json');
    try {
      const manifest = parseManifest(readFileSync(path), mediaTypes.ociIndex);
      return manifest.kind === 'index' ? manifest.index.manifests : [];
    } catch (cause) {
      if (errnoOf(cause) !== 'ENOENT') throw new CorruptError(`${path}: ${messageOf(cause)}`, { cause });
      if (mayLack) return [];
      throw new NotFoundError(`open ${path}: no such file or directory`, { cause });
    }
  }

  /** The digest comes from the engine: it names a file of this directory, and no other. */
  #blob(digest: string): string {
    const parsed = parseDigest(digest);
    return join(this.#path, 'blobs', algorithmOf(parsed), hexOf(parsed));
  }
}

/** Before anything is built. @throws InvalidError */
export async function requireDirectory(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isDirectory()) throw new InvalidError(`the cache directory ${path} is a file`);
}
