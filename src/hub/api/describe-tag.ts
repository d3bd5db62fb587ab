/** What a tag is told by: its manifest, the platforms below it, their layers. */
import type { Tag, TagImage, TagLayer } from '../../hub-api/types.ts';
import { NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { isIndex } from '../../oci/image/media-type.ts';
import { type HistoryStep, readImageHistory } from '../repositories/image-history.ts';
import type { ManifestSummary } from '../repositories/manifest-store.ts';
import type { RepositoryPath } from '../repositories/repository-path.ts';
import type { ApiParts } from './parts.ts';
import { presentConfig } from './present-config.ts';
import { presentImage, presentTag } from './present.ts';

/** Platforms whose layers are told; more than any real index has. */
const maxDetailedImages = 50;
/** Of a step's command, in characters. */
const maxText = 8192;

/** One tag, with the layers of each platform. @throws NotFoundError */
export async function describeTag(
  parts: ApiParts,
  path: RepositoryPath,
  repositoryId: number,
  name: string,
): Promise<Tag> {
  const tag = await parts.tags.find(repositoryId, name);
  if (!tag) throw new NotFoundError('object not found');
  const { roots, imagesOf } = await platforms(parts, repositoryId, [tag.digest]);
  const images = await detailImages(parts, repositoryId, imagesOf(tag.digest));
  const immutable = await parts.tags.immutable(repositoryId, [name]);
  return presentTag({ ...path, id: repositoryId }, tag, roots.get(tag.digest), images, immutable.has(name));
}

/** The manifests that tags name, and the images below each: itself, or those of an index. Three queries for any number of tags. */
export async function platforms(
  { manifests }: ApiParts,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<{
  roots: ReadonlyMap<Digest, ManifestSummary>;
  imagesOf: (digest: Digest) => readonly ManifestSummary[];
}> {
  const roots = new Map(
    (await manifests.summaries(repositoryId, digests)).map((each) => [each.digest, each]),
  );
  const indexes = [...roots.values()].filter((root) => isIndex(root.media_type)).map(({ digest }) => digest);
  const links = await manifests.children(repositoryId, indexes);
  const listed = new Map<Digest, Digest[]>();
  for (const { manifest_digest: index, digest } of links)
    listed.set(index, [...(listed.get(index) ?? []), digest]);
  const children = new Map(
    (await manifests.summaries(repositoryId, [...new Set(links.map(({ digest }) => digest))])).map((each) => [
      each.digest,
      each,
    ]),
  );
  return {
    roots,
    imagesOf(digest) {
      const root = roots.get(digest);
      if (!root) return [];
      if (!isIndex(root.media_type)) return [root];
      return (listed.get(digest) ?? [])
        .map((child) => children.get(child))
        .filter((child) => child !== undefined);
    },
  };
}

/** Platforms with what each is made of. */
export async function detailImages(
  parts: ApiParts,
  repositoryId: number,
  images: readonly ManifestSummary[],
): Promise<readonly TagImage[]> {
  const detailed: TagImage[] = [];
  for (const image of images.slice(0, maxDetailedImages)) {
    detailed.push(await detail(parts, repositoryId, image));
  }
  return detailed;
}

async function detail(parts: ApiParts, repositoryId: number, image: ManifestSummary): Promise<TagImage> {
  const presented = presentImage(image);
  const history = await readImageHistory(parts, repositoryId, image.digest);
  if (!history) return presented;
  const { configDigest, steps, config } = history;
  return {
    ...presented,
    config_digest: configDigest,
    layers: steps.map(presentStep),
    ...(config && { config: presentConfig(config) }),
  };
}

function presentStep({ layer, history }: HistoryStep): TagLayer {
  return {
    digest: layer?.digest ?? null,
    size: layer?.size ?? 0,
    instruction: history?.created_by?.slice(0, maxText) ?? '',
    created: history?.created?.slice(0, maxText) ?? null,
    comment: history?.comment?.slice(0, maxText) ?? '',
  };
}
