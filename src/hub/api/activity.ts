/** What happened to a repository, and what somebody did. */
import type { Activity as ActivityAnswer } from '../../hub-api/types.ts';
import { activityPageSchema, activityQuery } from '../../hub-api/schemas/activity.ts';
import type { Activity } from '../activity/activity-store.ts';
import { authorize } from './access.ts';
import { requireAccount } from './call.ts';
import { pageOf, pageRequest } from './page.ts';
import { timeOf } from './present.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const listActivity = route({
  method: 'GET',
  ...below('/activity'),
  id: 'listActivity',
  tag: 'Repositories',
  summary: 'What happened to the repository, newest first; changes of rights for its administrators only.',
  auth: 'optional',
  params: repositoryParams,
  query: activityQuery,
  answers: { 200: activityPageSchema },
  async handle(parts, call) {
    const { path, repository } = await authorize(parts, call, 'pull');
    const isAdmin = await parts.rights.may(call.actor, ['admin'], path, repository);
    const page = pageRequest(call.query);
    const { count, activities } = await parts.activities.ofRepository(repository.id, isAdmin, page);
    const results = activities.map((activity) => presentActivity(activity, isAdmin));
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

const listOwnActivity = route({
  method: 'GET',
  path: '/v2/user/activity',
  id: 'listOwnActivity',
  tag: 'Accounts',
  summary: 'What one did oneself, newest first, in repositories that one may still see.',
  auth: 'required',
  query: activityQuery,
  answers: { 200: activityPageSchema },
  async handle(parts, call) {
    const account = requireAccount(call);
    const page = pageRequest(call.query);
    const { count, activities } = await parts.activities.byAccount(account.id, call.actor, page);
    // They did it: what they gave to whom is known to them.
    const results = activities.map((activity) => presentActivity(activity, true));
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

export const activityRoutes: readonly Route[] = [listActivity, listOwnActivity];

function presentActivity({ data, ...activity }: Activity, isAdmin: boolean): ActivityAnswer {
  const { kind } = activity;
  return {
    id: String(activity.id),
    kind,
    namespace: activity.namespace,
    repository: activity.name,
    account: activity.account,
    time: timeOf(activity.happened_at),
    tag: data['tag'] ?? null,
    digest: data['digest'] ?? null,
    to: isAdmin && kind === 'right_changed' ? (data['to'] ?? null) : null,
    permission: isAdmin ? (data['permission'] ?? null) : null,
    from: isAdmin && kind === 'moved' ? (data['from'] ?? null) : null,
  };
}
