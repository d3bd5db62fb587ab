/** Puts an image of one layer into the hub through its stores: what a push does, without HTTP. */
import { gzip } from '../../oci/layer/gzip.ts';
import { type Digest, Digester } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { hostPlatform } from '../../oci/image/platform.ts';
import type { BlobInfo, ContentStore } from '../../oci/content/content-store.ts';
import type { RepositoryPath } from '../repositories/repository-path.ts';
import type { RepositoryStore } from '../repositories/repository-store.ts';
import { linkBlob } from '../registry/link-blob.ts';
import { type PushParts, pushManifest } from '../registry/push-manifest.ts';

export interface SeedParts extends PushParts {
  readonly repositories: RepositoryStore;
}

export interface SeedImage {
  readonly path: RepositoryPath;
  readonly tags: readonly string[];
  readonly command: readonly string[];
  /** What the history tells of the one layer. */
  readonly createdBy: string;
  readonly created: Date;
  /** The root file system as a tar stream. */
  readonly layer: AsyncIterable<Uint8Array>;
}

/** Layer, config, manifest and tags. A tag that exists moves. Returns the manifest's digest. */
export async function putSeedImage(parts: SeedParts, image: SeedImage): Promise<Digest> {
  const repository = await parts.repositories.beginPush(image.path);
  const { layer, diffId } = await putLayer(parts.contents, image.layer);
  const config = await putBytes(parts.contents, JSON.stringify(configOf(image, diffId)));
  for (const blob of [layer, config]) await linkBlob(parts, repository.id, blob);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, ...config },
    layers: [{ mediaType: mediaTypes.ociLayerGzip, ...layer }],
  };
  const pushed = await pushManifest(parts, {
    repositoryId: repository.id,
    bytes: new TextEncoder().encode(JSON.stringify(manifest)),
    contentType: mediaTypes.ociManifest,
    tags: image.tags,
    pushedBy: undefined,
  });
  return pushed.digest;
}

function configOf({ command, created, createdBy }: SeedImage, diffId: Digest): object {
  return {
    ...hostPlatform(),
    created: created.toISOString(),
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Cmd: command,
    },
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [
      { created: created.toISOString(), created_by: createdBy },
      {
        created: created.toISOString(),
        created_by: `CMD ${JSON.stringify(command)}`,
        empty_layer: true,
      },
    ],
  };
}

/** Compressed on the way in; both digests come out of the one pass. */
async function putLayer(
  contents: ContentStore,
  source: AsyncIterable<Uint8Array>,
): Promise<{ layer: BlobInfo; diffId: Digest }> {
  const plain = new Digester();
  const layer = await putStream(contents, gzip(observe(source, plain)));
  return { layer, diffId: plain.digest() };
}

async function* observe(
  source: AsyncIterable<Uint8Array>,
  digester: Digester,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    digester.update(chunk);
    yield chunk;
  }
}

function putBytes(contents: ContentStore, text: string): Promise<BlobInfo> {
  return putStream(contents, new Blob([text]).stream());
}

async function putStream(contents: ContentStore, source: AsyncIterable<Uint8Array>): Promise<BlobInfo> {
  const ingest = await contents.ingest(`seed-${crypto.randomUUID()}`);
  try {
    for await (const chunk of source) await ingest.write(chunk);
  } catch (error) {
    await ingest.abort();
    throw error;
  }
  const { digest, size } = await ingest.commit();
  return { digest, size };
}
