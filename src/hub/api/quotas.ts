/** Quotas: one's own to look at, all of them to an administrator, who sets them. */
import {
  namespaceQuotaSchema,
  quotaListQuery,
  quotaPageSchema,
  setQuotaDefaultSchema,
  setQuotaSchema,
} from '../../hub-api/schemas/quotas.ts';
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
    const found = await parts.quotas.find(namespace);
    return Response.json(found ?? { namespace, max_bytes: null, used_bytes: 0 });
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
    const found = await quotas.list(page);
    return Response.json({
      ...pageOf(originOf(call.request), call.url, page, found.count, found.quotas),
      default_bytes: (await quotas.defaultBytes()) ?? null,
    });
  },
});

const setQuota = route({
  method: 'PUT',
  path: '/v2/system/quotas/{namespace}',
  id: 'setQuota',
  tag: 'Administration',
  summary: 'Limit what a namespace may hold.',
  auth: 'administrator',
  params: namespaceParams,
  body: setQuotaSchema,
  answers: { 200: namespaceQuotaSchema },
  async handle({ quotas, changes }, call) {
    const { namespace } = call.params;
    const { max_bytes: bytes } = await call.body();
    const told = { kind: 'quota-changed', namespace, bytes } as const;
    await changes.make(() => quotas.set(namespace, bytes ?? undefined), told);
    return Response.json((await quotas.find(namespace)) ?? { namespace, max_bytes: null, used_bytes: 0 });
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
    const { default_bytes: bytes } = await call.body();
    const told = { kind: 'quota-changed', namespace: '', bytes } as const;
    await changes.make(() => quotas.setDefault(bytes ?? undefined), told);
    return new Response(null, { status: 204 });
  },
});

export const quotaRoutes: readonly Route[] = [getQuota, listQuotas, setQuota, setQuotaDefault];
