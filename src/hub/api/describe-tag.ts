/** What a tag is told by: its manifest, the platforms below it, their layers. */
import type { Tag, TagImage, TagLayer } from '../../hub-api/types.ts';
import { NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { isIndex } from '../../oci/image/media-type.ts';
import { type HistoryStep, readImageHistory } from '../repositories/image-history.ts';
import type { ManifestSummary } from '../repositories/manifest-store.ts';
import type { RepositoryPath } from '../repositories/repository-path.ts';
import type { ApiParts } from './parts.ts';
import { presentImage, presentTag } from './present.ts';

/** Platforms whose layers are told; more than any real index has. */
const maxDetailedImages = 50;

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
  const images: TagImage[] = [];
  for (const image of imagesOf(tag.digest).slice(0, maxDetailedImages)) {
    images.push(await detail(parts, repositoryId, image));
  }
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

async function detail(parts: ApiParts, repositoryId: number, image: ManifestSummary): Promise<TagImage> {
  const presented = presentImage(image);
  const history = await readImageHistory(parts, repositoryId, image.digest);
  if (!history) return presented;
  return { ...presented, config_digest: history.configDigest, layers: history.steps.map(presentStep) };
}

function presentStep({ layer, history }: HistoryStep): TagLayer {
  return {
    digest: layer?.digest ?? null,
    size: layer?.size ?? 0,
    instruction: history?.created_by ?? '',
    created: history?.created ?? null,
    comment: history?.comment ?? '',
  };
}
