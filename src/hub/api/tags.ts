/** Tags: the list, one with its layers, delete. */
import { z } from 'zod';
import {
  deletedTagsSchema,
  deleteTagsSchema,
  tagListQuery,
  tagPageSchema,
  tagSchema,
} from '../../hub-api/schemas/tags.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { deletedAtOnce, type DeletedTags } from '../repositories/tag-store.ts';
import { authorize } from './access.ts';
import { requireAccount } from './call.ts';
import { describeTag, platforms } from './describe-tag.ts';
import { pageOf, pageRequest } from './page.ts';
import { presentImage, presentTag } from './present.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

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
    const names = tags.map(({ name }) => name);
    const immutable = await parts.tags.immutable(repository.id, names);
    const results = tags.map((tag) =>
      presentTag(
        { ...path, id: repository.id },
        tag,
        roots.get(tag.digest),
        imagesOf(tag.digest).map(presentImage),
        immutable.has(tag.name),
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
    return Response.json(await describeTag(parts, path, repository.id, call.params.tag));
  },
});

const deleteTag = route({
  method: 'DELETE',
  ...below('/tags/{tag}'),
  id: 'deleteTag',
  tag: 'Tags',
  summary: 'Delete a tag. It can be brought back until the grace period is over.',
  auth: 'required',
  params: tagParams,
  answers: { 204: 'The tag is gone.' },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'delete');
    const { tag } = call.params;
    const account = requireAccount(call);
    await parts.changes.make(
      async () => {
        if (await parts.tags.delete(repository.id, tag, account.id)) return;
        throw new NotFoundError('object not found');
      },
      { kind: 'manifest-deleted', repository: path.path, account: account.name, reference: tag },
    );
    return new Response(null, { status: 204 });
  },
});

const deleteTags = route({
  method: 'POST',
  ...below('/tags/delete'),
  id: 'deleteTags',
  tag: 'Tags',
  summary: 'Delete many tags: as many of them as can be. The answer tells which could not, and why.',
  auth: 'required',
  params: repositoryParams,
  body: deleteTagsSchema,
  answers: { 200: deletedTagsSchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'delete');
    const account = requireAccount(call);
    const names = [...new Set((await call.body()).tags)];
    const what = { kind: 'manifest-deleted', repository: path.path, account: account.name } as const;
    const all: DeletedTags = { deleted: [], refused: [] };
    for (let at = 0; at < names.length; at += deletedAtOnce) {
      const some = names.slice(at, at + deletedAtOnce);
      const { deleted, refused } = await parts.changes.make(
        () => parts.tags.deleteMany(repository.id, some, account.id),
        (done) => done.deleted.map((reference) => ({ ...what, reference })),
      );
      all.deleted.push(...deleted);
      all.refused.push(...refused);
    }
    return Response.json(all);
  },
});

export const tagRoutes: readonly Route[] = [listTags, getTag, deleteTag, deleteTags];
