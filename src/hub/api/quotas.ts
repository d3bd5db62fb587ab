/** Quotas: one's own to look at, all of them to an administrator, who sets them. */
import {
  namespaceQuotaSchema,
  quotaListQuery,
  quotaPageSchema,
  setQuotaDefaultSchema,
  setQuotaSchema,
} from '../../hub-api/schemas/quotas.ts';
import type { NamespaceQuota } from '../../hub-api/types.ts';
import type { NamespaceLimits } from '../quotas/limits.ts';
import { namespaceParams, requireNamespaceOrAdministrator } from './namespace-access.ts';
import { pageOf, pageRequest } from './page.ts';
import { route, type Route } from './route.ts';

const getQuota = route({
  method: 'GET',
  path: '/v2/namespaces/{namespace}/quota',
  id: 'getNamespaceQuota',
  tag: 'Repositories',
  summary: 'How much a namespace may hold and holds. For who looks after it, and administrators.',
  auth: 'required',
  params: namespaceParams,
  answers: { 200: namespaceQuotaSchema },
  async handle(parts, call) {
    const namespace = await requireNamespaceOrAdministrator(parts, call);
    return Response.json(present(await parts.quotas.find(namespace)));
  },
});

const listQuotas = route({
  method: 'GET',
  path: '/v2/system/quotas',
  id: 'listQuotas',
  tag: 'Administration',
  summary: 'The quotas that are set, by namespace.',
  auth: 'administrator',
  query: quotaListQuery,
  answers: { 200: quotaPageSchema },
  async handle({ quotas, originOf }, call) {
    const page = pageRequest(call.query);
    const [found, otherwise] = [await quotas.list(page), await quotas.default()];
    return Response.json({
      ...pageOf(originOf(call.request), call.url, page, found.count, found.quotas.map(present)),
      default_bytes: otherwise.bytes,
      default_repositories: otherwise.repositories,
      default_private_repositories: otherwise.private_repositories,
    });
  },
});

const setQuota = route({
  method: 'PUT',
  path: '/v2/system/quotas/{namespace}',
  id: 'setQuota',
  tag: 'Administration',
  summary: 'Limit what a namespace may hold, and how many repositories it may have.',
  auth: 'administrator',
  params: namespaceParams,
  body: setQuotaSchema,
  answers: { 200: namespaceQuotaSchema },
  async handle({ quotas, changes }, call) {
    const { namespace } = call.params;
    const body = await call.body();
    const limits = {
      bytes: body.max_bytes,
      repositories: body.max_repositories,
      private_repositories: body.max_private_repositories,
    };
    await changes.make(() => quotas.set(namespace, limits), { kind: 'quota-changed', namespace, limits });
    return Response.json(present(await quotas.find(namespace)));
  },
});

const setQuotaDefault = route({
  method: 'PATCH',
  path: '/v2/system/quotas',
  id: 'setQuotaDefault',
  tag: 'Administration',
  summary: 'What accounts and organizations get that are made from here on.',
  auth: 'administrator',
  body: setQuotaDefaultSchema,
  answers: { 204: 'It is set.' },
  async handle({ quotas, changes }, call) {
    const body = await call.body();
    const limits = {
      bytes: body.default_bytes,
      repositories: body.default_repositories,
      private_repositories: body.default_private_repositories,
    };
    await changes.make(() => quotas.setDefault(limits), { kind: 'quota-changed', namespace: '', limits });
    return new Response(null, { status: 204 });
  },
});

function present({
  max_all,
  all_count,
  max_private,
  private_count,
  ...quota
}: NamespaceLimits): NamespaceQuota {
  return {
    ...quota,
    max_repositories: max_all,
    repositories: all_count,
    max_private_repositories: max_private,
    private_repositories: private_count,
  };
}

export const quotaRoutes: readonly Route[] = [getQuota, listQuotas, setQuota, setQuotaDefault];
