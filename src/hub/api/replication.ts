/** Replication to other registries: its rules, how they go, and a comparison at once. For administrators. */
import { z } from 'zod';
import {
  createReplicationSchema,
  replicationItemPageSchema,
  replicationItemQuery,
  replicationListSchema,
  replicationSchema,
  updateReplicationSchema,
} from '../../hub-api/schemas/replication.ts';
import { type Caller, requireAccount } from './call.ts';
import { pageOf, pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { describeRule, presentItem, settingsOf } from './present-replication.ts';
import { route, type Route } from './route.ts';

const params = z.object({ id: z.string().regex(/^[1-9]\d{0,14}$/) });
const common = { tag: 'Administration', auth: 'administrator' } as const;

const listReplications = route({
  ...common,
  method: 'GET',
  path: '/v2/system/replications',
  id: 'listReplications',
  summary: 'The rules that copy images to other registries, by name.',
  answers: { 200: replicationListSchema },
  async handle(parts) {
    const rules = await parts.replications.list();
    const results = await Promise.all(rules.map((rule) => describeRule(parts, rule)));
    return Response.json({ results });
  },
});

const createReplication = route({
  ...common,
  method: 'POST',
  path: '/v2/system/replications',
  id: 'createReplication',
  summary: 'Make a rule. What is there already is copied, too.',
  body: createReplicationSchema,
  answers: { 201: replicationSchema },
  async handle(parts, call) {
    const rule = await parts.replications.create(await settingsOf(parts, await call.body()));
    report(parts, call, rule.name);
    return Response.json(await describeRule(parts, rule), { status: 201 });
  },
});

const getReplication = route({
  ...common,
  method: 'GET',
  path: '/v2/system/replications/{id}',
  id: 'getReplication',
  summary: 'One rule, and how far it has come.',
  params,
  answers: { 200: replicationSchema },
  async handle(parts, call) {
    return Response.json(await describeRule(parts, await parts.replications.get(Number(call.params.id))));
  },
});

const updateReplication = route({
  ...common,
  method: 'PATCH',
  path: '/v2/system/replications/{id}',
  id: 'updateReplication',
  summary: 'Change a rule, and compare everything anew.',
  params,
  body: updateReplicationSchema,
  answers: { 200: replicationSchema },
  async handle(parts, call) {
    const changes = await settingsOf(parts, await call.body());
    const rule = await parts.replications.update(Number(call.params.id), changes);
    report(parts, call, rule.name);
    return Response.json(await describeRule(parts, rule));
  },
});

const deleteReplication = route({
  ...common,
  method: 'DELETE',
  path: '/v2/system/replications/{id}',
  id: 'deleteReplication',
  summary: 'Remove a rule. What it has copied stays where it is.',
  params,
  answers: { 204: 'It is gone.' },
  async handle(parts, call) {
    const { id, name } = await parts.replications.get(Number(call.params.id));
    await parts.replications.remove(id);
    report(parts, call, name);
    return new Response(null, { status: 204 });
  },
});

const runReplication = route({
  ...common,
  method: 'POST',
  path: '/v2/system/replications/{id}/run',
  id: 'runReplication',
  summary: 'Compare everything that the rule is about as soon as may be, and try again what failed.',
  params,
  answers: { 202: 'It is asked for.' },
  async handle(parts, call) {
    const { id, name } = await parts.replications.get(Number(call.params.id));
    await parts.replications.ask(id);
    report(parts, call, name);
    return new Response(null, { status: 202 });
  },
});

const listReplicationItems = route({
  ...common,
  method: 'GET',
  path: '/v2/system/replications/{id}/items',
  id: 'listReplicationItems',
  summary: 'The tags of a rule: what is copied now first, then what waits, then what is done.',
  params,
  query: replicationItemQuery,
  answers: { 200: replicationItemPageSchema },
  async handle(parts, call) {
    const page = pageRequest(call.query);
    const { id } = await parts.replications.get(Number(call.params.id));
    const { count, items } = await parts.replications.items(id, { ...page, state: call.query.state });
    const results = items.map((item) => presentItem(item, Date.now()));
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

export const replicationRoutes: readonly Route[] = [
  listReplications,
  createReplication,
  getReplication,
  updateReplication,
  deleteReplication,
  runReplication,
  listReplicationItems,
];

/** It is told to the replicator as well, which looks at once. */
function report({ events }: ApiParts, call: Caller, rule: string): void {
  events.report({ kind: 'replication-changed', rule, account: requireAccount(call).name });
}
