/**
 * A manifest arrives: read, everything it names is there, then one transaction for manifest, references, tags, repository and
 * search. The registry's PUT and the seed both come here.
 */
import { CorruptError, messageOf, NotFoundError } from '../../lib/errors.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import { readBlob } from '../../oci/content/read-blob.ts';
import { algorithmOf, type Digest, digestOf } from '../../oci/image/digest.ts';
import { maxConfigSize, parseImageConfig } from '../../oci/image/image-config.ts';
import { type Manifest, parseManifest } from '../../oci/image/manifest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { withinQuota } from '../quotas/within-quota.ts';
import type { BlobStore } from '../repositories/blob-store.ts';
import {
  findMissing,
  insertManifest,
  type ManifestPlatform,
  type ManifestStore,
  type NewManifest,
} from '../repositories/manifest-store.ts';
import { needsOf } from '../repositories/manifest-needs.ts';
import { publish } from '../repositories/repository-store.ts';
import { moveTag } from '../repositories/tag-store.ts';
import { RegistryFailure } from './failure.ts';

export interface PushParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
}

export interface ManifestPush {
  readonly repositoryId: number;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** What the client says the digest is; it also decides the algorithm. */
  readonly digest?: Digest | undefined;
  readonly tags: readonly string[];
  readonly pushedBy: number | undefined;
}

export interface PushedManifest {
  readonly digest: Digest;
  readonly subject: Digest | undefined;
  /** True when the repository became visible with it. */
  readonly isFirst: boolean;
  /** It was not in the repository before. */
  readonly isNew: boolean;
  /** Of the tags those that did not name it before, or that somebody else had moved to it. */
  readonly moved: readonly string[];
}

/**
 * @param first what belongs to the transaction before the manifest is there.
 * @param last what belongs to it then: a line about it.
 * @throws RegistryFailure with the spec's code for what is wrong; DeniedError for an immutable tag, or a quota. Nothing has changed then.
 */
export async function pushManifest(
  parts: PushParts,
  push: ManifestPush,
  first?: (transaction: Transaction) => Promise<void>,
  last?: (pushed: PushedManifest) => Promise<void>,
): Promise<PushedManifest> {
  const digest = digestOf(push.bytes, push.digest ? algorithmOf(push.digest) : 'sha256');
  if (push.digest && push.digest !== digest) {
    throw new RegistryFailure('DIGEST_INVALID', 'provided digest did not match uploaded content', { digest });
  }
  const manifest = read(push);
  const row = await describe(parts, push, digest, manifest);
  return await parts.database.transaction(async (transaction) => {
    const isFirst = await publish(transaction, push.repositoryId, row.pushedAt);
    await first?.(transaction);
    await requireWhole(transaction, row, manifest);
    const isNew = (await findMissing(transaction, 'manifests', row.repositoryId, [digest])).length > 0;
    await withinQuota(transaction, row, () => insertManifest(transaction, row));
    const moved: string[] = [];
    for (const name of push.tags) {
      if (await moveTag(transaction, { ...row, name })) moved.push(name);
    }
    const pushed = { digest, subject: row.subject, isFirst, isNew, moved };
    await last?.(pushed);
    return pushed;
  });
}

function read(push: ManifestPush): Manifest {
  try {
    return parseManifest(push.bytes, push.contentType);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    throw new RegistryFailure('MANIFEST_INVALID', messageOf(error));
  }
}

/** Everything that the manifest needs is in this repository; what others hold does not count. */
async function requireWhole(transaction: Transaction, row: NewManifest, manifest: Manifest): Promise<void> {
  const table = manifest.kind === 'image' ? 'repository_blobs' : 'manifests';
  const needed = manifest.kind === 'image' ? row.blobs : row.manifests;
  const [missing] = await findMissing(transaction, table, row.repositoryId, needed);
  if (missing === undefined) return;
  throw new RegistryFailure(
    'MANIFEST_BLOB_UNKNOWN',
    'manifest references a blob or manifest unknown to registry',
    {
      digest: missing,
    },
  );
}

async function describe(
  parts: PushParts,
  push: ManifestPush,
  digest: Digest,
  manifest: Manifest,
): Promise<NewManifest> {
  const { repositoryId, bytes, pushedBy } = push;
  const common = {
    ...needsOf(manifest),
    repositoryId,
    digest,
    bytes,
    pushedBy,
    pushedAt: Date.now(),
    mediaType: manifest.mediaType,
  };
  if (manifest.kind === 'index') {
    const { artifactType, annotations } = manifest.index;
    const known = await parts.manifests.summaries(repositoryId, common.manifests);
    const imageSize = known.reduce((sum, child) => sum + child.image_size, 0);
    return { ...common, artifactType, annotations, platform: undefined, imageSize };
  }
  const { config, layers, artifactType, annotations } = manifest.image;
  return {
    ...common,
    // https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
    artifactType: artifactType || config.mediaType,
    annotations,
    platform: await platformOf(parts, repositoryId, config),
    imageSize: [config, ...layers].reduce((sum, blob) => sum + blob.size, 0),
  };
}

/** What the image's config says it runs on. A config that cannot be read makes the image no less whole. */
async function platformOf(
  { contents, blobs }: PushParts,
  repositoryId: number,
  config: { readonly mediaType: string; readonly digest: Digest },
): Promise<ManifestPlatform | undefined> {
  if (config.mediaType !== mediaTypes.ociConfig && config.mediaType !== mediaTypes.dockerConfig)
    return undefined;
  const size = await blobs.sizeOf(repositoryId, config.digest);
  if (size === undefined || size > maxConfigSize) return undefined;
  try {
    const bytes = await readBlob(contents, config.digest);
    const { os, architecture, variant, ...rest } = parseImageConfig(bytes);
    const osVersion = rest['os.version'];
    return { os, architecture, variant, osVersion: typeof osVersion === 'string' ? osVersion : undefined };
  } catch (error) {
    if (error instanceof CorruptError || error instanceof NotFoundError) return undefined;
    throw error;
  }
}
