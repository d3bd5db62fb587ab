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
import type { HubEvent } from '../events.ts';
import type { ReplicationRule } from '../replication/rule.ts';
import { pageOf, pageRequest } from './page.ts';
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
    const settings = await settingsOf(parts, await call.body());
    const rule = await parts.changes.make(() => parts.replications.create(settings), toldOf);
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
    const id = Number(call.params.id);
    const rule = await parts.changes.make(() => parts.replications.update(id, changes), toldOf);
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
    const rule = await parts.replications.get(Number(call.params.id));
    await parts.changes.make(
      () => parts.replications.remove(rule.id),
      () => toldOf(rule),
    );
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
    const rule = await parts.replications.get(Number(call.params.id));
    await parts.changes.make(
      () => parts.replications.ask(rule.id),
      () => toldOf(rule),
    );
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
function toldOf({ name }: ReplicationRule): readonly HubEvent[] {
  return [{ kind: 'replication-changed', rule: name }];
}
