/** What an administrator looks at and runs: storage, garbage, settings, failures. For everybody else nothing of it is there. */
import { statfs } from 'node:fs/promises';
import {
  collectGarbageSchema,
  failureListSchema,
  garbageSchema,
  settingsSchema,
  storagePageSchema,
  storageQuery,
} from '../../hub-api/schemas/administration.ts';
import { requireAccount } from './call.ts';
import { pageOf, pageRequest } from './page.ts';
import { optionalTime, timeOf } from './present.ts';
import { route, type Route } from './route.ts';

const getStorage = route({
  method: 'GET',
  path: '/v2/system/storage',
  id: 'getStorage',
  tag: 'Administration',
  summary: 'How much each namespace holds, the largest first.',
  auth: 'administrator',
  query: storageQuery,
  answers: { 200: storagePageSchema },
  async handle({ system, originOf }, call) {
    const namespaces = await system.storage.namespaces();
    const page = pageRequest(call.query);
    const results = namespaces.slice(page.offset, page.offset + page.limit);
    const { bavail, blocks, bsize } = await statfs(system.directory);
    return Response.json({
      ...pageOf(originOf(call.request), call.url, page, namespaces.length, results),
      disk: { free: bavail * bsize, size: blocks * bsize },
    });
  },
});

const getGarbage = route({
  method: 'GET',
  path: '/v2/system/garbage',
  id: 'getGarbage',
  tag: 'Administration',
  summary: 'The collection of garbage that goes on, and the last ones.',
  auth: 'administrator',
  answers: { 200: garbageSchema },
  async handle({ system }) {
    const { current } = system.collector;
    const results = (await system.collections.list()).map(({ by_name, is_dry_run, untagged, ...each }) => ({
      ...each,
      by: by_name ?? '',
      dry_run: is_dry_run === 1,
      untagged: untagged === 1,
      started_at: timeOf(each.started_at),
      ended_at: optionalTime(each.ended_at),
    }));
    const running = current && {
      dry_run: current.dryRun,
      untagged: current.untagged,
      started_at: timeOf(current.startedAt),
      manifests: current.manifests,
      blobs: current.blobs,
      bytes: current.bytes,
    };
    return Response.json({ running: running ?? null, results });
  },
});

const collectGarbage = route({
  method: 'POST',
  path: '/v2/system/garbage',
  id: 'collectGarbage',
  tag: 'Administration',
  summary: 'Begin to collect garbage; GET tells how it goes.',
  auth: 'administrator',
  body: collectGarbageSchema,
  answers: { 202: 'It has begun.' },
  async handle({ system }, call) {
    const { id: accountId } = requireAccount(call);
    const { dry_run: dryRun, untagged } = await call.body();
    await system.collector.start({ cause: 'person', accountId, dryRun, untagged });
    return new Response(null, { status: 202 });
  },
});

const stopGarbage = route({
  method: 'DELETE',
  path: '/v2/system/garbage',
  id: 'stopGarbageCollection',
  tag: 'Administration',
  summary: 'End the collection that goes on at its next step. What it did stays done.',
  auth: 'administrator',
  answers: { 204: 'It ends.' },
  async handle({ system }) {
    system.collector.stop();
    return new Response(null, { status: 204 });
  },
});

const getSettings = route({
  method: 'GET',
  path: '/v2/system/settings',
  id: 'getSettings',
  tag: 'Administration',
  summary: 'How the hub was set up.',
  auth: 'administrator',
  answers: { 200: settingsSchema },
  async handle({ system }) {
    return Response.json({ settings: system.settings });
  },
});

const getFailures = route({
  method: 'GET',
  path: '/v2/system/failures',
  id: 'getFailures',
  tag: 'Administration',
  summary: 'The last requests that failed by a fault of the hub. The log has all of them.',
  auth: 'administrator',
  answers: { 200: failureListSchema },
  async handle({ system }) {
    const results = system.failures.list().map((failure) => ({ ...failure, at: timeOf(failure.at) }));
    return Response.json({ results });
  },
});

export const systemRoutes: readonly Route[] = [
  getStorage,
  getGarbage,
  collectGarbage,
  stopGarbage,
  getSettings,
  getFailures,
];
