/**
 * Manifest lists in the making, as docker's CLI keeps them: ~/.docker/manifests/<list>/<image>, a file of JSON each, so
 * that one begun with docker goes on with cais.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { writeFileAtomic } from '../../../lib/atomic-file.ts';
import { CorruptError, errnoOf, NotFoundError } from '../../../lib/errors.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { formatReference, type Reference } from '../../../oci/image/reference.ts';

/** A manifest of a list, in the fields and the order of docker's file. */
export interface StoredManifest {
  readonly Ref: string;
  readonly Descriptor: Descriptor;
  /** The manifest's bytes in base64. */
  readonly Raw?: string;
  readonly SchemaV2Manifest?: object;
  readonly OCIManifest?: object;
}

export class ManifestStore {
  readonly #root: string;

  /** @param directory of config.json. */
  constructor(directory: string) {
    this.#root = `${directory}/manifests`;
  }

  /** @throws NotFoundError in docker's words. */
  async get(list: Reference, image: Reference): Promise<StoredManifest> {
    return this.#read(`${this.#directoryOf(list)}/${fileNameOf(image)}`, image);
  }

  /** Sorted by file name. @throws NotFoundError for a list that is not there. */
  async list(list: Reference): Promise<StoredManifest[]> {
    const directory = this.#directoryOf(list);
    const names = await readdir(directory).catch((error: unknown) => {
      throw errnoOf(error) === 'ENOENT' ? noSuchManifest(list, error) : error;
    });
    return Promise.all(names.toSorted().map((name) => this.#read(`${directory}/${name}`, list)));
  }

  async save(list: Reference, image: Reference, manifest: StoredManifest): Promise<void> {
    const directory = this.#directoryOf(list);
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await writeFileAtomic(`${directory}/${fileNameOf(image)}`, JSON.stringify(manifest));
  }

  async remove(list: Reference): Promise<void> {
    await rm(this.#directoryOf(list), { recursive: true, force: true });
  }

  #directoryOf(list: Reference): string {
    return `${this.#root}/${fileNameOf(list)}`;
  }

  async #read(path: string, named: Reference): Promise<StoredManifest> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw errnoOf(error) === 'ENOENT' ? noSuchManifest(named, error) : error;
    });
    try {
      return JSON.parse(text) as StoredManifest;
    } catch (cause) {
      throw new CorruptError(`${path} is not JSON`, { cause });
    }
  }
}

/** Colons and slashes do not stand in names of files. */
function fileNameOf(reference: Reference): string {
  return formatReference(reference).replaceAll(':', '-').replaceAll('/', '_');
}

function noSuchManifest(reference: Reference, cause: unknown): NotFoundError {
  return new NotFoundError(`No such manifest: ${formatReference(reference)}`, { cause });
}
