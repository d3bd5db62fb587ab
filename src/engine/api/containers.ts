/**
 * The container routes of the Engine API: parse, one call, present. The verbs are in engine/containers.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Container
 */
import { z } from 'zod';
import { parseFilters } from '../../engine-api/filters.ts';
import type { HostConfig } from '../../engine-api/types.ts';
import { InvalidError } from '../../lib/errors.ts';
import { parsePlatform } from '../../oci/image/platform.ts';
import { createContainer } from '../containers/create/create.ts';
import { describe, limitsSchema, parseCreateRequest } from '../containers/create/create-request.ts';
import type { ContainerDependencies as Dependencies } from '../containers/dependencies.ts';
import { inspectContainer } from '../containers/inspect.ts';
import { killContainer } from '../containers/kill.ts';
import { listContainers } from '../containers/list.ts';
import { listFilters } from '../containers/list-filter.ts';
import { pauseContainer, unpauseContainer } from '../containers/pause.ts';
import { pruneContainers, pruneFilters } from '../containers/prune.ts';
import { removeContainer } from '../containers/remove.ts';
import { removeLink } from '../containers/links.ts';
import { renameContainer } from '../containers/rename.ts';
import { resizeContainer } from '../containers/attach/resize.ts';
import { restartContainer } from '../containers/restart.ts';
import { startContainer } from '../containers/start.ts';
import { stopContainer, type StopOptions } from '../containers/stop.ts';
import { topContainer } from '../containers/top.ts';
import { updateContainer } from '../containers/update.ts';
import type { EngineWatch } from '../metrics/engine-watch.ts';
import { booleanOf, integerOf } from './query.ts';
import { type ApiRequest, empty, json, type Route } from './route.ts';

interface ContainerDependencies extends Dependencies {
  readonly watch: EngineWatch;
}

export function containerRoutes(deps: ContainerDependencies): Route[] {
  const post = (verb: string, handle: (request: ApiRequest) => Promise<Response> | Response): Route => ({
    method: 'POST',
    path: `/containers/{id}/${verb}`,
    handle,
  });
  return [
    { method: 'GET', path: '/containers/json', handle: (request) => list(deps, request) },
    { method: 'POST', path: '/containers/create', handle: (request) => create(deps, request) },
    { method: 'POST', path: '/containers/prune', handle: (request) => prune(deps, request) },
    { method: 'GET', path: '/containers/{id}/json', handle: (request) => inspect(deps, request) },
    { method: 'GET', path: '/containers/{id}/top', handle: (request) => top(deps, request) },
    { method: 'GET', path: '/containers/{id}/changes', handle: (request) => changes(deps, request) },
    { method: 'DELETE', path: '/containers/{name}', handle: (request) => remove(deps, request) },
    post('start', (request) => start(deps, request)),
    post('stop', (request) => done(stopContainer(deps, idOf(request), stopOptions(request)))),
    post('restart', (request) => done(restartContainer(deps, idOf(request), stopOptions(request)))),
    post('kill', (request) => done(killContainer(deps, idOf(request), request.query.get('signal') ?? ''))),
    post('pause', (request) => done(pauseContainer(deps, idOf(request)))),
    post('unpause', (request) => done(unpauseContainer(deps, idOf(request)))),
    post('rename', (request) => rename(deps, request)),
    post('resize', (request) => resize(deps, request)),
    post('update', (request) => update(deps, request)),
  ];
}

export function idOf({ params }: ApiRequest): string {
  return params['id'] ?? '';
}

async function done(work: Promise<void>): Promise<Response> {
  await work;
  return empty();
}

async function create(deps: ContainerDependencies, request: ApiRequest): Promise<Response> {
  const body = parseCreateRequest(await request.json());
  const { query } = request;
  const platform = query.get('platform');
  const { id, warnings } = await deps.watch.container('create', () =>
    createContainer(
      deps,
      body,
      query.get('name') ?? '',
      request.version,
      platform ? parsePlatform(platform) : undefined,
    ),
  );
  return json({ Id: id, Warnings: warnings }, 201);
}

function start(deps: ContainerDependencies, request: ApiRequest): Promise<Response> {
  return done(deps.watch.container('start', () => startContainer(deps, idOf(request))));
}

async function list(deps: ContainerDependencies, { query }: ApiRequest): Promise<Response> {
  const limit = integerOf(query, 'limit');
  return json(
    await listContainers(deps, {
      all: booleanOf(query, 'all'),
      size: booleanOf(query, 'size'),
      limit: limit !== undefined && limit > 0 ? limit : undefined,
      filters: parseFilters(query.get('filters'), listFilters),
    }),
  );
}

async function inspect(deps: ContainerDependencies, request: ApiRequest): Promise<Response> {
  return json(await inspectContainer(deps, idOf(request), booleanOf(request.query, 'size')));
}

async function top(deps: ContainerDependencies, request: ApiRequest): Promise<Response> {
  return json(await topContainer(deps, idOf(request), request.query.get('ps_args') ?? ''));
}

/** No change is `null`, as Go has it. */
async function changes(deps: ContainerDependencies, request: ApiRequest): Promise<Response> {
  const { id } = deps.containers.resolve(idOf(request));
  const found = await deps.watch.container('changes', () => deps.snapshots.changes(id));
  return json(found.length > 0 ? found.map(({ path, kind }) => ({ Path: path, Kind: kind })) : null);
}

async function remove(deps: ContainerDependencies, request: ApiRequest): Promise<Response> {
  const { query, params } = request;
  // A link has its container's name before a slash.
  const name = params['name'] ?? '';
  if (booleanOf(query, 'link')) {
    removeLink(deps, name);
    return empty();
  }
  const options = { force: booleanOf(query, 'force'), withVolumes: booleanOf(query, 'v') };
  return done(deps.watch.container('delete', () => removeContainer(deps, name, options)));
}

function rename(deps: ContainerDependencies, request: ApiRequest): Response {
  renameContainer(deps, idOf(request), request.query.get('name') ?? '');
  return empty();
}

function resize(deps: ContainerDependencies, request: ApiRequest): Response {
  resizeContainer(
    deps,
    idOf(request),
    integerOf(request.query, 'h') ?? 0,
    integerOf(request.query, 'w') ?? 0,
  );
  return empty(200);
}

function stopOptions({ query }: ApiRequest): StopOptions {
  return { timeout: integerOf(query, 't'), signal: query.get('signal') ?? undefined };
}

async function prune(deps: ContainerDependencies, { query }: ApiRequest): Promise<Response> {
  return json(await pruneContainers(deps, parseFilters(query.get('filters'), pruneFilters)));
}

const updateSchema = z.looseObject(limitsSchema);

async function update(deps: ContainerDependencies, request: ApiRequest): Promise<Response> {
  const parsed = updateSchema.safeParse((await request.json()) ?? {});
  if (!parsed.success) throw new InvalidError(describe(parsed.error));
  const known = Object.entries(parsed.data).filter(([key]) => key in limitsSchema);
  await updateContainer(deps, idOf(request), Object.fromEntries(known) as HostConfig);
  return json({ Warnings: [] });
}
