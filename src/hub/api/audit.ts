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

const listAudit = route({
  method: 'GET',
  path: '/v2/auditlogs/{account}',
  id: 'listAuditLogs',
  tag: 'Audit',
  summary: 'The audit log of an organization, for its owners, or one’s own; the newest first.',
  auth: 'required',
  params: accountParams,
  query: auditQuery,
  answers: { 200: auditPageSchema },
  handle: async (parts, call) => list(parts, call, await scopeOf(parts, call, call.params.account)),
});

const listAllAudit = route({
  method: 'GET',
  path: '/v2/system/auditlogs',
  id: 'listAllAuditLogs',
  tag: 'Audit',
  summary: 'The audit log of the whole hub, the newest first.',
  auth: 'administrator',
  query: auditQuery,
  answers: { 200: auditPageSchema },
  handle: (parts, call) => list(parts, call, {}),
});

const exported =
  'A stream without an end that is known: CSV, or a JSON object in each line. The oldest first.';

const exportOne = route({
  method: 'GET',
  path: '/v2/auditlogs/{account}/export',
  id: 'exportAuditLogs',
  tag: 'Audit',
  summary: 'All that fits, as a file.',
  auth: 'required',
  params: accountParams,
  query: auditExportQuery,
  answers: { 200: exported },
  handle: async (parts, call) => download(parts, call, await scopeOf(parts, call, call.params.account)),
});

const exportAll = route({
  method: 'GET',
  path: '/v2/system/auditlogs/export',
  id: 'exportAllAuditLogs',
  tag: 'Audit',
  summary: 'All of the whole hub that fits, as a file.',
  auth: 'administrator',
  query: auditExportQuery,
  answers: { 200: exported },
  handle: (parts, call) => download(parts, call, {}),
});

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

export const auditRoutes: readonly Route[] = [listAudit, listAllAudit, exportOne, exportAll, listActions];

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
