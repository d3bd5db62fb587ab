/** Tags: the list, one with its layers, delete. */
import { z } from 'zod';
import { tagListQuery, tagPageSchema, tagSchema } from '../../hub-api/schemas/tags.ts';
import type { TagImage, TagLayer } from '../../hub-api/types.ts';
import { NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { isIndex } from '../../oci/image/media-type.ts';
import { type HistoryStep, readImageHistory } from '../repositories/image-history.ts';
import type { ManifestSummary } from '../repositories/manifest-store.ts';
import { authorize } from './access.ts';
import { requireAccount } from './call.ts';
import { pageOf, pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { presentImage, presentTag } from './present.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

/** Platforms whose layers are told; more than any real index has. */
const maxDetailedImages = 50;

const tagParams = repositoryParams.extend({ tag: z.string() });

const listTags = route({
  method: 'GET',
  ...below('/tags'),
  id: 'listTags',
  tag: 'Tags',
  summary: "A repository's tags, with their platforms.",
  auth: 'optional',
  params: repositoryParams,
  query: tagListQuery,
  answers: { 200: tagPageSchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'pull');
    const page = pageRequest(call.query);
    const { count, tags } = await parts.tags.list(repository.id, {
      ...page,
      ...call.query.ordering,
      nameContains: call.query.name,
    });
    const digests = [...new Set(tags.map(({ digest }) => digest))];
    const { roots, imagesOf } = await platforms(parts, repository.id, digests);
    const results = tags.map((tag) =>
      presentTag(
        { ...path, id: repository.id },
        tag,
        roots.get(tag.digest),
        imagesOf(tag.digest).map(presentImage),
      ),
    );
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const getTag = route({
  method: 'GET',
  ...below('/tags/{tag}'),
  id: 'getTag',
  tag: 'Tags',
  summary: 'One tag, with the layers of each platform.',
  auth: 'optional',
  params: tagParams,
  answers: { 200: tagSchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'pull');
    const tag = await parts.tags.find(repository.id, call.params.tag);
    if (!tag) throw new NotFoundError('object not found');
    const { roots, imagesOf } = await platforms(parts, repository.id, [tag.digest]);
    const images: TagImage[] = [];
    for (const image of imagesOf(tag.digest).slice(0, maxDetailedImages)) {
      images.push(await detail(parts, repository.id, image));
    }
    return Response.json(presentTag({ ...path, id: repository.id }, tag, roots.get(tag.digest), images));
  },
});

const deleteTag = route({
  method: 'DELETE',
  ...below('/tags/{tag}'),
  id: 'deleteTag',
  tag: 'Tags',
  summary: 'Delete a tag. What it named stays until garbage is collected.',
  auth: 'required',
  params: tagParams,
  answers: { 204: 'The tag is gone.' },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'delete');
    const { tag } = call.params;
    if (!(await parts.tags.delete(repository.id, tag))) throw new NotFoundError('object not found');
    const account = requireAccount(call).name;
    parts.events.report({ kind: 'manifest-deleted', repository: path.path, account, reference: tag });
    return new Response(null, { status: 204 });
  },
});

export const tagRoutes: readonly Route[] = [listTags, getTag, deleteTag];

/** The manifests that tags name, and the images below each: itself, or those of an index. Three queries for any number of tags. */
async function platforms(
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
      return links
        .filter((link) => link.manifest_digest === digest)
        .map((link) => children.get(link.digest))
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
