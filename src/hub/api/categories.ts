/** What a repository is about. */
import { categories, categoryListSchema, setCategoriesSchema } from '../../hub-api/schemas/categories.ts';
import { repositorySchema } from '../../hub-api/schemas/repositories.ts';
import { authorize } from './access.ts';
import { requireAccount } from './call.ts';
import { describeRepository } from './describe-repository.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const listCategories = route({
  method: 'GET',
  path: '/v2/categories',
  id: 'listCategories',
  tag: 'Repositories',
  summary: 'What a repository can be about.',
  auth: 'none',
  answers: { 200: categoryListSchema },
  async handle() {
    return Response.json(categories);
  },
});

const setCategories = route({
  method: 'PATCH',
  ...below('/categories'),
  id: 'setCategories',
  tag: 'Repositories',
  summary: 'Say what a repository is about.',
  auth: 'required',
  params: repositoryParams,
  body: setCategoriesSchema,
  answers: { 200: repositorySchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'admin');
    const slugs = (await call.body()).map(({ slug }) => slug);
    await parts.changes.make(() => parts.categories.set(repository.id, slugs), {
      kind: 'repository-updated',
      repository: path.path,
      account: requireAccount(call).name,
      change: 'settings_changed',
    });
    return Response.json(await describeRepository(parts, call, path));
  },
});

export const categoryRoutes: readonly Route[] = [listCategories, setCategories];
