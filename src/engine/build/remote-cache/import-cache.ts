/** `--cache-from`: where each cache is, and its document with the places of its layers. */
import { CorruptError, InvalidError, UnavailableError, UnsupportedError } from '../../../lib/errors.ts';
import type { RegistryClient } from '../../../oci/distribution/client.ts';
import { pullError } from '../../../oci/distribution/errors.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { maxConfigSize, parseImageConfig } from '../../../oci/image/image-config.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { type ImageManifest, maxManifestSize, parseManifest } from '../../../oci/image/manifest.ts';
import {
  familiarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../../oci/image/reference.ts';
import type { ImageStore } from '../../images/image-store.ts';
import { clientFor } from '../../images/registry-access.ts';
import type { LayerOrigin } from '../build-layers.ts';
import type { BuildDependencies, BuildRequest, CacheOrigin } from '../dependencies.ts';
import {
  buildkitConfigType,
  cacheConfigType,
  type CacheDocument,
  inlineField,
  readCache,
} from './cache-document.ts';
import { ClientDirectory } from './client-directory.ts';
import type { CacheImport, ImportedCache } from './imported-caches.ts';

type Access = Pick<BuildDependencies, 'images' | 'hosts'> &
  Pick<BuildRequest, 'credentialsFor' | 'session' | 'signal'>;

/** Images of one index that are looked at for the cache within. */
const mostImages = 16;
const longestWait = 30_000;

/** @throws InvalidError for what is no reference, UnsupportedError for a directory that nobody has lent. */
export function cacheImport(origin: CacheOrigin, access: Access): CacheImport {
  if (origin.type === 'local') {
    const { src, digest } = origin;
    const directory = new ClientDirectory(access.session, src, access.signal);
    return { name: `local:${src}`, read: () => readFromDirectory(directory, digest) };
  }
  const reference = withDefaultTag(parseReference(origin.ref));
  const read = async (): Promise<readonly ImportedCache[]> => {
    const local = origin.type === 'image' ? inlineOf(access.images, reference) : undefined;
    return local ? [local] : await inTime(readFromRegistry(reference, access), reference);
  };
  return { name: familiarReference(reference), read };
}

/** The cache in an image that is here: its layers are, too. */
function inlineOf(images: ImageStore, reference: Reference): ImportedCache | undefined {
  const image = images.findReference(reference);
  const value = image?.config[inlineField];
  if (!image || value === undefined) return undefined;
  const document = readCache(
    value,
    image.layers.map(({ diffId }) => diffId),
  );
  return { ...document, layers: [], origins: [] };
}

async function readFromRegistry(reference: Reference, access: Access): Promise<ImportedCache[]> {
  const { hosts, credentialsFor, signal } = access;
  const credentials = credentialsFor(reference.domain);
  const client = clientFor(reference, { hosts, credentials, signal }, ['pull']);
  try {
    const { bytes, mediaType } = await client.getManifest(reference, reference.digest ?? reference.tag ?? '');
    const manifest = parseManifest(bytes, mediaType);
    if (manifest.kind === 'image') return await readImage(client, reference, manifest.image);
    const images = manifest.index.manifests.filter(({ platform }) => platform?.os !== 'unknown');
    const caches: ImportedCache[] = [];
    for (const { digest } of images.slice(0, mostImages)) {
      const child = await client.getManifest(reference, digest);
      const parsed = parseManifest(child.bytes, child.mediaType);
      if (parsed.kind === 'image') caches.push(...(await readImage(client, reference, parsed.image)));
    }
    return caches;
  } catch (error) {
    throw pullError(error, reference);
  }
}

async function readFromDirectory(directory: ClientDirectory, digest: Digest): Promise<ImportedCache[]> {
  const manifest = parseManifest(await directory.small(digest, maxManifestSize), '');
  if (manifest.kind === 'index') throw refusedBuildkit();
  const { config, layers } = manifest.image;
  const document = await readDocument(config, () => directory.small(config.digest, maxConfigSize));
  const { source } = directory;
  return document
    ? [
        placed(
          document,
          layers.map((blob) => ({ blob, source })),
        ),
      ]
    : [];
}

/** Of an image without a cache: none. */
async function readImage(
  client: RegistryClient,
  name: Reference,
  { config, layers }: ImageManifest,
): Promise<ImportedCache[]> {
  const document = await readDocument(config, () => client.getSmallBlob(name, config, maxConfigSize));
  if (!document) return [];
  const source = { client, name };
  const origins = layers.map((blob) => ({ blob, source, repository: name }));
  return [placed(document, origins)];
}

/** @throws CorruptError where the manifest has other layers than the cache says. */
function placed(document: CacheDocument, origins: readonly LayerOrigin[]): ImportedCache {
  if (document.layers.length !== origins.length)
    throw new CorruptError(
      `the cache names ${document.layers.length} layers, its manifest ${origins.length}`,
    );
  return { ...document, origins };
}

async function readDocument(
  { mediaType }: Descriptor,
  read: () => Promise<Uint8Array>,
): Promise<CacheDocument | undefined> {
  if (mediaType === buildkitConfigType) throw refusedBuildkit();
  const bytes = await read();
  if (mediaType === cacheConfigType) return readCache(parseJson(bytes));
  const image = parseImageConfig(bytes);
  const value = image[inlineField];
  return value === undefined ? undefined : readCache(value, image.rootfs.diff_ids);
}

/** Its caches are indexes where they are not manifests. */
function refusedBuildkit(): UnsupportedError {
  return new UnsupportedError('it was written by BuildKit, whose cache keys are others');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new CorruptError('the cache is not JSON', { cause });
  }
}

/** A registry that does not answer holds no build up for long. */
async function inTime<T>(reading: Promise<T>, reference: Reference): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = (): void =>
    reject(new UnavailableError(`${reference.domain} has not answered in ${longestWait / 1000} seconds`));
  const timer = setTimeout(late, longestWait);
  reading.catch(() => undefined);
  try {
    return await Promise.race([reading, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws InvalidError */
export function cacheReference(text: string): Reference {
  const reference = parseReference(text);
  if (reference.digest) throw new InvalidError(`cannot export a cache to a digest: ${text}`);
  return withDefaultTag(reference);
}
