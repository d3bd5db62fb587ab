/** Repositories: list, make, look at, change, delete, star. */
import { z } from 'zod';
import { emptySchema } from '../../hub-api/schemas/common.ts';
import {
  createRepositorySchema,
  deleteRepositoryQuery,
  privacySchema,
  repositoryListQuery,
  repositoryPageSchema,
  repositorySchema,
  updateRepositorySchema,
} from '../../hub-api/schemas/repositories.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import { authorize } from './access.ts';
import { type Call, requireAccount } from './call.ts';
import { pageOf, pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { presentRepositoryEntry } from './present-repository.ts';
import { describeRepository, readNewPath, requireMayMake, taking } from './describe-repository.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const namespaceParams = z.object({ namespace: z.string() });

const listRepositories = route({
  method: 'GET',
  path: '/v2/namespaces/{namespace}/repositories',
  aliases: ['/v2/repositories/{namespace}'],
  id: 'listRepositories',
  tag: 'Repositories',
  summary: 'The repositories of an account or organization that the caller may see.',
  auth: 'optional',
  params: namespaceParams,
  query: repositoryListQuery,
  answers: { 200: repositoryPageSchema },
  async handle(parts, call) {
    const page = pageRequest(call.query);
    const { namespace } = call.params;
    const { count, repositories } = await parts.repositories.list({
      ...page,
      ...call.query.ordering,
      namespace,
      actor: call.actor,
      nameContains: call.query.name,
    });
    const ids = repositories.map(({ id }) => id);
    const mediaTypes = await parts.manifests.mediaTypes(ids);
    const categories = await parts.categories.of(ids);
    const relation = await parts.rights.relationTo(call.actor, { namespace }, undefined);
    const entries = repositories.map((repository) =>
      presentRepositoryEntry(repository, {
        relation,
        mediaTypes: mediaTypes.get(repository.id) ?? [],
        categories: categories.get(repository.id) ?? [],
      }),
    );
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, entries));
  },
});

const createRepository = route({
  method: 'POST',
  path: '/v2/namespaces/{namespace}/repositories',
  id: 'createRepository',
  tag: 'Repositories',
  summary: 'Make an empty repository.',
  auth: 'required',
  params: namespaceParams,
  body: createRepositorySchema,
  answers: { 201: repositorySchema },
  handle: (parts, call) => create(parts, call, call.params.namespace),
});

const createRepositoryByBody = route({
  method: 'POST',
  path: '/v2/repositories',
  id: 'createRepositoryByBody',
  tag: 'Repositories',
  summary: 'Make an empty repository, in the namespace that the body names.',
  auth: 'required',
  body: createRepositorySchema,
  answers: { 201: repositorySchema },
  handle: (parts, call) => create(parts, call, undefined),
});

const getRepository = route({
  method: 'GET',
  ...below(''),
  id: 'getRepository',
  tag: 'Repositories',
  summary: 'A repository. A private one of others is not there.',
  auth: 'optional',
  params: repositoryParams,
  answers: { 200: repositorySchema },
  async handle(parts, call) {
    const { path } = await authorize(parts, call, 'pull');
    return Response.json(await describeRepository(parts, call, path));
  },
});

const updateRepository = route({
  method: 'PATCH',
  ...below(''),
  id: 'updateRepository',
  tag: 'Repositories',
  summary: 'Change the description, the README or who sees it.',
  auth: 'required',
  params: repositoryParams,
  body: updateRepositorySchema,
  answers: { 200: repositorySchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'admin');
    const body = await call.body();
    const changes = {
      ...(body.description !== undefined && { description: body.description }),
      ...(body.full_description !== undefined && { fullDescription: body.full_description }),
      ...(body.is_private !== undefined && { isPrivate: body.is_private }),
    };
    const account = requireAccount(call).name;
    const change = changeOf(repository, body.is_private);
    const told = { kind: 'repository-updated', repository: path.path, account, change } as const;
    await parts.changes.make(() => parts.repositories.update(path, changes), told);
    return Response.json(await describeRepository(parts, call, path));
  },
});

const setPrivacy = route({
  method: 'POST',
  ...below('/privacy'),
  id: 'setPrivacy',
  tag: 'Repositories',
  summary: 'Make a repository public or private.',
  auth: 'required',
  params: repositoryParams,
  body: privacySchema,
  answers: { 200: repositorySchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'admin');
    const { is_private: isPrivate } = await call.body();
    const account = requireAccount(call).name;
    const change = changeOf(repository, isPrivate);
    const told = { kind: 'repository-updated', repository: path.path, account, change } as const;
    await parts.changes.make(() => parts.repositories.update(path, { isPrivate }), told);
    return Response.json(await describeRepository(parts, call, path));
  },
});

const deleteRepository = route({
  method: 'DELETE',
  ...below(''),
  id: 'deleteRepository',
  tag: 'Repositories',
  summary: 'Delete a repository. It can be brought back until the grace period is over.',
  auth: 'required',
  params: repositoryParams,
  query: deleteRepositoryQuery,
  answers: { 202: emptySchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'admin');
    // Who deletes by an old name may not mean what is somewhere else by now.
    if (path.name !== call.params.repository || path.namespace !== call.params.namespace) {
      throw new NotFoundError('object not found');
    }
    if ((call.query.confirm ?? path.path) !== path.path) {
      throw new FieldsError({ confirm: [`to delete it, type ${path.path}`] });
    }
    const account = requireAccount(call);
    const told = { kind: 'repository-deleted', repository: path.path, account: account.name } as const;
    await parts.changes.make(() => parts.deletedRepositories.delete(repository.id, account.id), told);
    return Response.json({}, { status: 202 });
  },
});

const starRepository = route({
  method: 'POST',
  ...below('/stars'),
  id: 'starRepository',
  tag: 'Repositories',
  summary: 'Star a repository; once for each account.',
  auth: 'required',
  params: repositoryParams,
  answers: { 200: emptySchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'star');
    await parts.stars.star(requireAccount(call).id, repository.id);
    return Response.json({});
  },
});

const unstarRepository = route({
  method: 'DELETE',
  ...below('/stars'),
  id: 'unstarRepository',
  tag: 'Repositories',
  summary: 'Take the star back.',
  auth: 'required',
  params: repositoryParams,
  answers: { 204: 'There is no star of yours.' },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'star');
    await parts.stars.unstar(requireAccount(call).id, repository.id);
    return new Response(null, { status: 204 });
  },
});

export const repositoryRoutes: readonly Route[] = [
  listRepositories,
  createRepository,
  createRepositoryByBody,
  getRepository,
  updateRepository,
  deleteRepository,
  setPrivacy,
  starRepository,
  unstarRepository,
];

type Creation = z.output<typeof createRepositorySchema>;

/** @param namespace of the address, which counts before the body's. */
async function create(
  parts: ApiParts,
  call: Call<unknown, unknown, Creation>,
  namespace: string | undefined,
): Promise<Response> {
  const account = requireAccount(call);
  const body = await call.body();
  const path = readNewPath(namespace ?? body.namespace ?? account.name, body.name);
  await requireMayMake(parts, call, path);
  const attributes = {
    description: body.description ?? '',
    fullDescription: body.full_description ?? '',
    isPrivate: body.is_private ?? false,
  };
  const told = { kind: 'repository-created', repository: path.path, account: account.name } as const;
  await taking(parts.changes.make(() => parts.repositories.create(path, attributes), told));
  return Response.json(await describeRepository(parts, call, path), { status: 201 });
}

/** What is told of a change: who sees the repository is more than its description. */
function changeOf(
  before: RepositoryKey,
  isPrivate: boolean | undefined,
): 'settings_changed' | 'made_public' | 'made_private' {
  if (isPrivate === undefined || isPrivate === (before.is_private === 1)) return 'settings_changed';
  return isPrivate ? 'made_private' : 'made_public';
}
