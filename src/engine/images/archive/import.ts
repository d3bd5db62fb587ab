/**
 * `docker import`: a root file system out of a tar becomes an image of one layer. The bytes are decompressed on their way
 * into the content store, where their digest is the layer's diff ID, then unpacked; the image comes last.
 */
import { InvalidError, messageOf } from '../../../lib/errors.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import type { ProcessConfig } from '../../../oci/image/image-config.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { hostPlatform, type Platform } from '../../../oci/image/platform.ts';
import { familiarReference, type Reference } from '../../../oci/image/reference.ts';
import { collectLayers } from '../collect.ts';
import { applyChanges } from '../config-change.ts';
import type { Image, ImageStore } from '../image-store.ts';
import type { LayerInstaller } from '../layer-installer.ts';
import type { Report } from '../progress-event.ts';
import type { EmitImageEvent } from '../registry-access.ts';
import { readPlain } from './member-process.ts';

export interface ImportDependencies {
  readonly images: ImageStore;
  readonly layers: LayerInstaller;
  readonly emit: EmitImageEvent;
}

export interface ImportRequest {
  /** `-` for the body, or a URL. */
  readonly source: string;
  readonly body: ReadableStream<Uint8Array>;
  readonly self: readonly string[];
  readonly signal: AbortSignal;
  /** With a tag. */
  readonly reference?: Reference | undefined;
  readonly message: string;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  readonly platform?: Platform | undefined;
}

export async function importImage(
  dependencies: ImportDependencies,
  request: ImportRequest,
  report: Report,
): Promise<Image> {
  const { images, layers, emit } = dependencies;
  const { reference, signal } = request;
  if (reference?.digest) throw new InvalidError('cannot import digest reference');
  // Refused before anything is written.
  const config = applyChanges({}, request.changes);
  const body = request.source === '-' ? request.body : await download(request, report);
  const blob = await writeLayer(images, { ...request, body });
  const layer = { diffId: blob.digest, chainId: blob.digest, blob };
  using lease = images.leases.hold([blob.digest]);
  try {
    await layers.install([layer], { signal });
  } catch (error) {
    lease[Symbol.dispose]();
    await collectLayers(images, [layer]);
    throw error;
  }
  const image = images.put({
    configBytes: encodeConfig(request, config, blob),
    layers: [{ diffId: blob.digest, size: images.snapshots.layerSize(blob.digest) }],
    ...(reference && { references: [reference] }),
  });
  if (reference) emit('tag', image.id, { name: familiarReference(reference) });
  emit('import', image.id, { name: image.id });
  report({ status: image.id });
  return image;
}

async function download(
  { source, signal }: ImportRequest,
  report: Report,
): Promise<ReadableStream<Uint8Array>> {
  const url = URL.parse(source.includes('://') ? source : `http://${source}`);
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new InvalidError(`cannot import ${JSON.stringify(source)}: it is no http or https URL`);
  report({ status: `Downloading from ${url.href}` });
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (cause) {
    throw new InvalidError(`cannot import ${url.href}: ${messageOf(cause)}`, { cause });
  }
  if (!response.ok || !response.body)
    throw new InvalidError(`Got HTTP status code >= 400: ${response.status} ${response.statusText}`);
  return response.body;
}

async function writeLayer(
  images: ImageStore,
  input: Pick<ImportRequest, 'self' | 'body' | 'signal'>,
): Promise<Descriptor> {
  const ingest = await images.contents.ingest(`import-${crypto.randomUUID()}`);
  try {
    for await (const chunk of readPlain(input)) await ingest.write(chunk);
    if (ingest.size === 0) throw new InvalidError('invalid archive: it is empty');
    return { mediaType: mediaTypes.dockerLayer, ...(await ingest.commit()) };
  } finally {
    await ingest.abort();
  }
}

/** Fields in alphabetical order, as docker writes them. */
function encodeConfig(request: ImportRequest, config: ProcessConfig, layer: Descriptor): Uint8Array {
  const { os, architecture, variant } = request.platform ?? hostPlatform();
  const created = new Date().toISOString();
  const comment = request.message || `Imported from ${request.source}`;
  const value = {
    architecture,
    comment,
    config,
    created,
    history: [{ created, comment }],
    os,
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    ...(variant !== undefined && { variant }),
  };
  return new TextEncoder().encode(JSON.stringify(value));
}
