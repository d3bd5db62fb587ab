/** The audit log: an administrator's of the whole hub, of an organization for its owners, and everybody's own. */
import { z } from 'zod';
import {
  auditActionsSchema,
  auditExportQuery,
  auditPageSchema,
  auditQuery,
} from '../../hub-api/schemas/audit.ts';
import { InvalidError } from '../../lib/errors.ts';
import { auditActions } from '../audit/actions.ts';
import type { AuditScope } from '../audit/audit-store.ts';
import { exportAudit } from '../audit/export-audit.ts';
import { presentEntry } from '../audit/present-entry.ts';
import { isAdministrator } from '../auth/policy.ts';
import { type Call, requirePerson } from './call.ts';
import { authorizeIn } from './organization-access.ts';
import { pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { route, type Route } from './route.ts';

const accountParams = z.object({ account: z.string() });
/** Further back one comes by `to`, which costs nothing. */
const maxDepth = 10_000;

/** Whose log: an account's, or the whole hub's. */
interface AuditPlace<Params> {
  readonly path: `/v2/${string}`;
  readonly auth: 'required' | 'administrator';
  readonly params: z.ZodObject & z.ZodType<Params>;
  /** Part of the names of the operations. */
  readonly which: '' | 'All';
  readonly summary: string;
  readonly scope: (parts: ApiParts, call: Call<Params>) => Promise<AuditScope>;
}

function routesOf<Params>({ which, path, summary, scope, ...common }: AuditPlace<Params>): readonly Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      path,
      id: `list${which}AuditLogs`,
      tag: 'Audit',
      summary: `${summary}; the newest first.`,
      query: auditQuery,
      answers: { 200: auditPageSchema },
      handle: async (parts, call) => list(parts, call, await scope(parts, call)),
    }),
    route({
      ...common,
      method: 'GET',
      path: `${path}/export`,
      id: `export${which}AuditLogs`,
      tag: 'Audit',
      summary: `${summary}: all that fits, as a file.`,
      query: auditExportQuery,
      answers: {
        200: 'A stream without an end that is known: CSV, or a JSON object in each line. The oldest first.',
      },
      handle: async (parts, call) => download(parts, call, await scope(parts, call)),
    }),
  ];
}

const listActions = route({
  method: 'GET',
  path: '/v2/auditlogs/{account}/actions',
  id: 'listAuditLogActions',
  tag: 'Audit',
  summary: 'What can be looked for in an audit log.',
  auth: 'required',
  params: accountParams,
  answers: { 200: auditActionsSchema },
  async handle(parts, call) {
    await scopeOf(parts, call, call.params.account);
    const actions = Object.entries(auditActions).map(([group, { label, actions: known }]) => [
      group,
      {
        label,
        actions: Object.entries(known).map(([name, text]) => ({ name, label: text, description: text })),
      },
    ]);
    return Response.json({ actions: Object.fromEntries(actions) });
  },
});

export const auditRoutes: readonly Route[] = [
  ...routesOf({
    path: '/v2/auditlogs/{account}',
    auth: 'required',
    params: accountParams,
    which: '',
    summary: 'The audit log of an organization, for its owners, or one’s own',
    scope: (parts, call) => scopeOf(parts, call, call.params.account),
  }),
  ...routesOf({
    path: '/v2/system/auditlogs',
    auth: 'administrator',
    params: z.object({}),
    which: 'All',
    summary: 'The audit log of the whole hub',
    scope: () => Promise.resolve({}),
  }),
  listActions,
];

/** @throws UnauthorizedError, DeniedError, NotFoundError */
async function scopeOf(parts: ApiParts, call: Call, name: string): Promise<AuditScope> {
  const account = requirePerson(call);
  if (account.name === name) return { account: name, actorId: account.id };
  if (isAdministrator(call.actor)) {
    const other = await parts.accounts.findByName(name);
    return { account: name, ...(other?.kind === 'user' && { actorId: other.id }) };
  }
  await authorizeIn(parts, { ...call, params: { org: name } }, 'manage');
  return { account: name };
}

async function list(
  { audit, refusals }: ApiParts,
  { query }: Call<unknown, z.output<typeof auditQuery>>,
  scope: AuditScope,
): Promise<Response> {
  const { limit, offset } = pageRequest(query);
  if (offset + limit > maxDepth) {
    throw new InvalidError(`pages end after ${maxDepth} entries: look further back with to=, or export`);
  }
  await refusals.flush();
  const entries = await audit.page(scope, query, { limit: limit + 1, offset });
  return Response.json(
    { logs: entries.slice(0, limit).map(presentEntry), has_more: entries.length > limit },
    { headers: { 'Cache-Control': 'no-store' } },
  );
}

async function download(
  { audit, refusals }: ApiParts,
  { query }: Call<unknown, z.output<typeof auditExportQuery>>,
  scope: AuditScope,
): Promise<Response> {
  await refusals.flush();
  const { format } = query;
  const text = exportAudit(audit, scope, query, format);
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await text.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => void (await text.return()),
  });
  return new Response(stream, {
    headers: {
      'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      'Content-Disposition': `attachment; filename="audit.${format === 'csv' ? 'csv' : 'jsonl'}"`,
      'Cache-Control': 'no-store',
    },
  });
}
