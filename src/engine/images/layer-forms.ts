/**
 * The forms that a layer can go out in: which of the blobs that are known will do, and one made where none does. A layer
 * that was made here goes out as it is asked for; one that came from elsewhere as it came, unless the form is forced.
 */
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { LayerCompression } from '../../engine-api/layer-compression.ts';
import { CorruptError, messageOf, NotFoundError } from '../../lib/errors.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import { algorithmOf, type Digest, Digester } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { detectCompression } from '../../oci/layer/compression.ts';
import { gzip, usualGzipLevel } from '../../oci/layer/gzip.ts';
import { usualZstdLevel, zstd } from '../../oci/layer/zstd.ts';
import type { ImageStore } from './image-store.ts';

/** What a push sends where nobody said. */
const usual: LayerCompression = { type: 'gzip', isForced: false };
const usualLevels = { gzip: usualGzipLevel, zstd: usualZstdLevel, uncompressed: undefined };

/** The blobs in which the layer may go out, known here or in a registry, the best first; none: one is to be made. */
export function fittingForms(
  images: ImageStore,
  diffId: Digest,
  { type, level, isForced }: LayerCompression = usual,
): Descriptor[] {
  const known = images.blobs.forms(diffId);
  const isMadeHere = known.some(({ blob }) => blob.digest === diffId);
  const wanted = level ?? usualLevels[type];
  const fitting =
    isForced || isMadeHere
      ? known.filter(({ blob, level: made = usualLevels[type] }) => typeOf(blob) === type && made === wanted)
      : known.filter(({ level: made }) => made === undefined);
  return fitting.map(({ blob }) => blob);
}

/** As `fittingForms`, in the content store: made where it is not there yet. @throws NotFoundError, CorruptError */
export async function bringForm(
  images: ImageStore,
  diffId: Digest,
  compression: LayerCompression | undefined,
  signal?: AbortSignal,
): Promise<Descriptor> {
  for (const blob of fittingForms(images, diffId, compression)) {
    if (await images.contents.stat(blob.digest)) return blob;
  }
  let made: Descriptor | undefined;
  const making = async function* (): AsyncGenerator<Uint8Array> {
    made = yield* makeForm(images, diffId, compression);
  };
  for await (const _chunk of making()) signal?.throwIfAborted();
  if (!made) throw new NotFoundError(`layer ${diffId} was not compressed`);
  return made;
}

/**
 * The bytes of the layer in the wanted form, which are in the content store as well when the last one is taken.
 * @param onRead told how many bytes of `total` were read. @returns the blob. @throws NotFoundError, CorruptError
 */
export async function* makeForm(
  images: ImageStore,
  diffId: Digest,
  { type, level }: LayerCompression = usual,
  onRead: (current: number, total: number) => void = () => undefined,
): AsyncGenerator<Uint8Array, Descriptor, undefined> {
  const source = await storedForm(images, diffId);
  // Opened when the first byte is wanted: an upload that does not come so far leaves nothing.
  const ingest = await images.contents.ingest(`push-${crypto.randomUUID()}`);
  try {
    const plain = plainBytes(images, source, diffId, onRead);
    for await (const chunk of compressed(plain, type, level)) {
      await ingest.write(chunk);
      yield chunk;
    }
    const blob = { ...(await ingest.commit()), mediaType: mediaTypesOf[type] };
    images.blobs.add(diffId, blob, level);
    return blob;
  } finally {
    await ingest.abort();
  }
}

/** In docker's words where it has some. */
const mediaTypesOf = {
  gzip: mediaTypes.dockerLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
  uncompressed: mediaTypes.dockerLayer,
} as const;

function typeOf({ mediaType }: Descriptor): LayerCompression['type'] {
  if (mediaType === mediaTypes.dockerLayer || mediaType === mediaTypes.ociLayer) return 'uncompressed';
  return mediaType === mediaTypes.ociLayerZstd ? 'zstd' : 'gzip';
}

function compressed(
  plain: AsyncIterable<Uint8Array>,
  type: LayerCompression['type'],
  level: number | undefined,
): AsyncIterable<Uint8Array> {
  if (type === 'uncompressed') return plain;
  return type === 'gzip' ? gzip(plain, level) : zstd(plain, level);
}

/** The plain one if it is here. */
async function storedForm(images: ImageStore, diffId: Digest): Promise<Descriptor> {
  const known = images.blobs.of(diffId).toSorted((a, b) => rank(a) - rank(b));
  for (const blob of known) if (await images.contents.stat(blob.digest)) return blob;
  throw new NotFoundError(`layer ${diffId} is missing in the content store`);
}

function rank(blob: Descriptor): number {
  return typeOf(blob) === 'uncompressed' ? 0 : 1;
}

/** @throws CorruptError where they are not those of the layer, cut off among it. */
async function* plainBytes(
  { contents }: ImageStore,
  { digest, size }: Descriptor,
  diffId: Digest,
  onRead: (current: number, total: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const blob = await contents.open(digest);
  const compression = detectCompression(await blob.slice(0, 4).bytes());
  let current = 0;
  const read = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of blob.stream() as ReadableStream<Uint8Array>) {
      current += chunk.byteLength;
      onRead(current, size);
      yield chunk;
    }
  };
  const digester = new Digester(algorithmOf(diffId));
  for await (const chunk of compression === 'none' ? read() : decompressed(read(), compression)) {
    digester.update(chunk);
    yield chunk;
  }
  const found = digester.digest();
  if (found !== diffId) throw new CorruptError(`layer ${diffId} is stored as something else: ${found}`);
}

async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'zstd',
): AsyncGenerator<Uint8Array, void, undefined> {
  const through = compression === 'gzip' ? createGunzip() : createZstdDecompress();
  const piping = pipeline(Readable.from(source), through);
  // Its failure is the reader's as well, who tells it.
  piping.catch(() => undefined);
  try {
    yield* through as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new CorruptError(`cannot decompress layer: ${messageOf(cause)}`, { cause });
  } finally {
    through.destroy();
  }
}
