/** How often a repository is pulled. */
import { pullsQuery, pullsSchema } from '../../hub-api/schemas/pulls.ts';
import { dateOf, dayOf } from '../repositories/pull-store.ts';
import { authorize } from './access.ts';
import { optionalTime } from './present.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const getPulls = route({
  method: 'GET',
  ...below('/pulls'),
  id: 'getPulls',
  tag: 'Repositories',
  summary: 'Pulls by day and by tag.',
  auth: 'optional',
  params: repositoryParams,
  query: pullsQuery,
  answers: { 200: pullsSchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'pull');
    const { days } = call.query;
    const first = dayOf(Date.now()) - days + 1;
    const counted = await parts.pullStatistics.byDay(repository.id, first);
    const pullsOf = new Map(counted.map(({ day, pulls }) => [day, pulls]));
    const detail = await parts.repositories.detail(path);
    return Response.json({
      pull_count: detail.pull_count,
      last_pulled: optionalTime(detail.last_pulled_at),
      last_pushed: optionalTime(detail.last_pushed_at),
      days: Array.from({ length: days }, (_, index) => ({
        date: dateOf(first + index),
        pulls: pullsOf.get(first + index) ?? 0,
      })),
      tags: await parts.pullStatistics.byTag(repository.id, first),
    });
  },
});

export const pullRoutes: readonly Route[] = [getPulls];
