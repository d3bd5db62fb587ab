/** What was deleted and can be brought back while the grace period of garbage lasts. */
import { z } from 'zod';
import {
  deletedListQuery,
  deletedRepositoryPageSchema,
  deletedTagPageSchema,
  restoreRepositorySchema,
} from '../../hub-api/schemas/deleted.ts';
import { repositorySchema } from '../../hub-api/schemas/repositories.ts';
import { tagSchema } from '../../hub-api/schemas/tags.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { restoreTag } from '../registry/restore-tag.ts';
import { authorize } from './access.ts';
import { type Caller, requireAccount } from './call.ts';
import { describeRepository, readNewPath, requireMayMake, taking } from './describe-repository.ts';
import { describeTag } from './describe-tag.ts';
import { namespaceParams, requireNamespace } from './namespace-access.ts';
import { pageOf, pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { timeOf } from './present.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const id = z.string().regex(/^[1-9]\d{0,14}$/);

const listDeletedTags = route({
  method: 'GET',
  ...below('/deleted-tags'),
  id: 'listDeletedTags',
  tag: 'Tags',
  summary: 'Tags that were deleted and can be brought back, the newest first.',
  auth: 'required',
  params: repositoryParams,
  query: deletedListQuery,
  answers: { 200: deletedTagPageSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'delete');
    const page = pageRequest(call.query);
    const { count, tags } = await parts.deletedTags.list(repository.id, { ...page, since: since(parts) });
    const results = tags.map((tag) => ({
      ...presentDeletion(parts, tag),
      name: tag.name,
      digest: tag.digest,
    }));
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const restoreDeletedTag = route({
  method: 'POST',
  ...below('/deleted-tags/{id}/restore'),
  id: 'restoreDeletedTag',
  tag: 'Tags',
  summary: 'Bring a deleted tag back.',
  auth: 'required',
  params: repositoryParams.extend({ id }),
  answers: { 200: tagSchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'delete');
    const account = requireAccount(call);
    const name = await restoreTag(parts, {
      repositoryId: repository.id,
      repository: path.path,
      id: Number(call.params.id),
      since: since(parts),
      restoredBy: account,
    });
    return Response.json(await describeTag(parts, path, repository.id, name));
  },
});

const listDeletedRepositories = route({
  method: 'GET',
  path: '/v2/namespaces/{namespace}/deleted-repositories',
  id: 'listDeletedRepositories',
  tag: 'Repositories',
  summary: 'Repositories of a namespace that were deleted and can be brought back, the newest first.',
  auth: 'required',
  params: namespaceParams,
  query: deletedListQuery,
  answers: { 200: deletedRepositoryPageSchema },
  async handle(parts, call) {
    requireAccount(call);
    const { namespace } = call.params;
    const page = pageRequest(call.query);
    await requireMayRestore(parts, call, namespace);
    const listing = { ...page, namespace, since: since(parts) };
    const { count, repositories } = await parts.deletedRepositories.list(listing);
    const results = repositories.map((repository) => ({
      ...presentDeletion(parts, repository),
      namespace: repository.namespace,
      name: repository.name,
      description: repository.description,
      is_private: repository.is_private === 1,
    }));
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const restoreRepository = route({
  method: 'POST',
  path: '/v2/namespaces/{namespace}/deleted-repositories/{id}/restore',
  id: 'restoreRepository',
  tag: 'Repositories',
  summary: 'Bring a deleted repository back, with all that it held.',
  auth: 'required',
  params: namespaceParams.extend({ id }),
  body: restoreRepositorySchema,
  answers: { 200: repositorySchema },
  async handle(parts, call) {
    const account = requireAccount(call);
    const { namespace } = call.params;
    // First: others are not to learn what there was.
    await requireMayRestore(parts, call, namespace);
    const repositoryId = Number(call.params.id);
    const old = await parts.deletedRepositories.placeOf(repositoryId, since(parts));
    if (old.namespace !== namespace) throw new NotFoundError('object not found');
    const path = readNewPath(namespace, (await call.body()).name ?? old.name);
    await requireMayMake(parts, call, path);
    const told = { kind: 'repository-restored', repository: path.path, account: account.name } as const;
    await taking(parts.changes.make(() => parts.deletedRepositories.restore(repositoryId, path), told));
    return Response.json(await describeRepository(parts, call, path));
  },
});

export const deletedRoutes: readonly Route[] = [
  listDeletedTags,
  restoreDeletedTag,
  listDeletedRepositories,
  restoreRepository,
];

/** What was deleted before may be gone. */
function since({ grace }: ApiParts): Date {
  return new Date(Date.now() - grace);
}

/** Who may delete whatever is in a namespace may bring it back. @throws DeniedError */
function requireMayRestore(parts: ApiParts, caller: Caller, namespace: string): Promise<void> {
  const mayNot = `delete repositories in ${namespace}, nor bring them back`;
  return requireNamespace(parts, caller, namespace, mayNot);
}

function presentDeletion(
  { grace }: ApiParts,
  deletion: { readonly id: number; readonly deleted_by_name: string | null; readonly deleted_at: number },
): { id: string; deleted_at: string; deleted_by: string; expires_at: string } {
  return {
    id: String(deletion.id),
    deleted_at: timeOf(deletion.deleted_at),
    deleted_by: deletion.deleted_by_name ?? '',
    expires_at: timeOf(deletion.deleted_at + grace),
  };
}
