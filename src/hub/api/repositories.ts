/** Repositories: list, make, look at, change, delete, star. */
import { z } from 'zod';
import { ConflictError, DeniedError, InvalidError } from '../../lib/errors.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import { parseRepositoryPath, type RepositoryPath } from '../repositories/repository-path.ts';
import { authorize } from './access.ts';
import { type Call, readBody, requireAccount } from './call.ts';
import { pageOf, readOrdering, readPage } from './page.ts';
import type { ApiParts } from './parts.ts';
import { presentRepository, presentRepositoryEntry } from './present.ts';

const description = z.string().max(100, 'at most 100 characters');
const fullDescription = z.string().max(25_000, 'at most 25,000 characters');

const createSchema = z.object({
  namespace: z.string().optional(),
  name: z.string().min(1, 'a name is needed'),
  description: description.nullish(),
  full_description: fullDescription.nullish(),
  is_private: z.boolean().nullish(),
});

const updateSchema = z.object({
  description: description.optional(),
  full_description: fullDescription.optional(),
  is_private: z.boolean().optional(),
});

const privacySchema = z.object({ is_private: z.boolean() });

export async function listRepositories(parts: ApiParts, call: Call): Promise<Response> {
  const page = readPage(call.url);
  const namespace = call.params['namespace'] ?? '';
  const { count, repositories } = await parts.repositories.list({
    ...page,
    ...readOrdering(call.url, ['name', 'last_updated', 'pull_count'], {
      order: 'last_updated',
      descending: true,
    }),
    namespace,
    actor: call.actor,
    nameContains: call.url.searchParams.get('name') ?? '',
  });
  const mediaTypes = await parts.manifests.mediaTypes(repositories.map(({ id }) => id));
  const relation = await parts.rights.relationTo(call.actor, { namespace }, undefined);
  const entries = repositories.map((repository) =>
    presentRepositoryEntry(repository, relation, mediaTypes.get(repository.id) ?? []),
  );
  return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, entries));
}

export async function createRepository(parts: ApiParts, call: Call): Promise<Response> {
  const account = requireAccount(call);
  const body = await readBody(call.request, createSchema);
  const path = readNewPath(call.params['namespace'] ?? body.namespace ?? account.name, body.name);
  if (!(await parts.rights.may(call.actor, ['push'], path, undefined))) {
    throw new DeniedError(`you may not make repositories in ${path.namespace}`);
  }
  try {
    await parts.repositories.create(path, {
      description: body.description ?? '',
      fullDescription: body.full_description ?? '',
      isPrivate: body.is_private ?? false,
    });
  } catch (error) {
    if (error instanceof ConflictError) throw new FieldsError({ name: [error.message] });
    throw error;
  }
  parts.events.report({ kind: 'repository-created', repository: path.path, account: account.name });
  return Response.json(await describe(parts, call, path), { status: 201 });
}

export async function getRepository(parts: ApiParts, call: Call): Promise<Response> {
  const { path } = await authorize(parts, call, 'pull');
  return Response.json(await describe(parts, call, path));
}

export async function patchRepository(parts: ApiParts, call: Call): Promise<Response> {
  const { path } = await authorize(parts, call, 'admin');
  const body = await readBody(call.request, updateSchema);
  await parts.repositories.update(path, {
    ...(body.description !== undefined && { description: body.description }),
    ...(body.full_description !== undefined && { fullDescription: body.full_description }),
    ...(body.is_private !== undefined && { isPrivate: body.is_private }),
  });
  const account = requireAccount(call).name;
  parts.events.report({ kind: 'repository-updated', repository: path.path, account });
  return Response.json(await describe(parts, call, path));
}

export async function postPrivacy(parts: ApiParts, call: Call): Promise<Response> {
  const { path } = await authorize(parts, call, 'admin');
  const { is_private: isPrivate } = await readBody(call.request, privacySchema);
  await parts.repositories.update(path, { isPrivate });
  const account = requireAccount(call).name;
  parts.events.report({ kind: 'repository-updated', repository: path.path, account });
  return Response.json(await describe(parts, call, path));
}

export async function deleteRepository(parts: ApiParts, call: Call): Promise<Response> {
  const { path } = await authorize(parts, call, 'admin');
  await parts.repositories.delete(path);
  const account = requireAccount(call).name;
  parts.events.report({ kind: 'repository-deleted', repository: path.path, account });
  return Response.json({}, { status: 202 });
}

export async function starRepository(parts: ApiParts, call: Call): Promise<Response> {
  const { repository } = await authorize(parts, call, 'star');
  await parts.stars.star(requireAccount(call).id, repository.id);
  return Response.json({});
}

export async function unstarRepository(parts: ApiParts, call: Call): Promise<Response> {
  const { repository } = await authorize(parts, call, 'star');
  await parts.stars.unstar(requireAccount(call).id, repository.id);
  return new Response(null, { status: 204 });
}

async function describe(parts: ApiParts, call: Call, path: RepositoryPath): Promise<object> {
  const repository = await parts.repositories.detail(path);
  const mediaTypes = await parts.manifests.mediaTypes([repository.id]);
  const hasStarred = call.account !== undefined && (await parts.stars.has(call.account.id, repository.id));
  const relation = await parts.rights.relationTo(call.actor, path, repository);
  return presentRepository(repository, call.actor, relation, mediaTypes.get(repository.id) ?? [], hasStarred);
}

function readNewPath(namespace: string, name: string): RepositoryPath {
  try {
    return parseRepositoryPath(namespace, name);
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    const rule =
      'a repository name holds lower-case letters and digits, with single dots, dashes or underscores between them';
    throw new FieldsError({ name: [rule] });
  }
}
