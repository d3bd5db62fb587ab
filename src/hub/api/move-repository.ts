/** Another name for a repository, in its namespace or in another one. */
import { moveRepositorySchema, repositorySchema } from '../../hub-api/schemas/repositories.ts';
import { authorize } from './access.ts';
import { requireAccount } from './call.ts';
import { describeRepository, readNewPath, requireMayMake, taking } from './describe-repository.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const moveRepository = route({
  method: 'POST',
  ...below('/move'),
  id: 'moveRepository',
  tag: 'Repositories',
  summary:
    'Rename a repository, or give it to another namespace of yours. Its old name leads to it until somebody takes that.',
  auth: 'required',
  params: repositoryParams,
  body: moveRepositorySchema,
  answers: { 200: repositorySchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'admin');
    const { namespace = path.namespace, name = path.name } = await call.body();
    // Away from its owners: theirs to decide.
    if (namespace !== path.namespace) await authorize(parts, call, 'own');
    const target = readNewPath(namespace, name);
    if (target.path !== path.path) {
      await requireMayMake(parts, call, target);
      const account = requireAccount(call).name;
      const told = { kind: 'repository-moved', repository: path.path, to: target.path, account } as const;
      await taking(parts.changes.make(() => parts.redirects.move(repository.id, path, target), told));
    }
    return Response.json(await describeRepository(parts, call, target));
  },
});

export const moveRoutes: readonly Route[] = [moveRepository];
