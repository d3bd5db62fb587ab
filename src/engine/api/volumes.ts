/** The volume routes. https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Volume */
import { z } from 'zod';
import { booleanFilter, parseFilters } from '../../engine-api/filters.ts';
import { InvalidError, NotReadyError } from '../../lib/errors.ts';
import { createVolume } from '../volumes/create-volume.ts';
import { presentVolume } from '../volumes/present.ts';
import { pruneVolumes } from '../volumes/prune.ts';
import { removeVolume, type VolumeDependencies } from '../volumes/remove-volume.ts';
import { volumeListFilter, volumeListFilters, volumePruneFilters } from '../volumes/volume-filter.ts';
import { volumeUsers } from '../volumes/volume-users.ts';
import { booleanOf } from './query.ts';
import { type ApiRequest, empty, json, type Route } from './route.ts';

export function volumeRoutes(deps: VolumeDependencies): Route[] {
  return [
    { method: 'GET', path: '/volumes', handle: (request) => list(deps, request) },
    { method: 'POST', path: '/volumes/create', handle: (request) => create(deps, request) },
    { method: 'POST', path: '/volumes/prune', handle: (request) => prune(deps, request) },
    { method: 'GET', path: '/volumes/{name}', handle: (request) => inspect(deps, request) },
    { method: 'DELETE', path: '/volumes/{name}', handle: (request) => remove(deps, request) },
  ];
}

function list({ volumes, containers }: VolumeDependencies, { query }: ApiRequest): Response {
  const filters = parseFilters(query.get('filters'), volumeListFilters);
  const isShown = volumeListFilter(filters, ({ name }) => volumeUsers(containers, name).length > 0);
  return json({ Volumes: volumes.list().filter(isShown).map(presentVolume), Warnings: null });
}

const strings = z.record(z.string(), z.string()).nullish();
const createSchema = z.looseObject({
  Name: z.string().nullish(),
  Driver: z.string().nullish(),
  DriverOpts: strings,
  Labels: strings,
  ClusterVolumeSpec: z.unknown().optional(),
});

/** Cluster volumes are a swarm's. */
const clusterSince = 42;

async function create(deps: VolumeDependencies, request: ApiRequest): Promise<Response> {
  const parsed = createSchema.safeParse((await request.json()) ?? {});
  if (!parsed.success)
    throw new InvalidError('invalid JSON: a volume has Name, Driver, DriverOpts and Labels');
  const { Name, Driver, DriverOpts, Labels, ClusterVolumeSpec } = parsed.data;
  if (ClusterVolumeSpec != null && request.version >= clusterSince) {
    throw new NotReadyError(
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    );
  }
  const { volume } = await createVolume(deps, {
    name: Name ?? undefined,
    driver: Driver ?? undefined,
    options: DriverOpts ?? undefined,
    labels: Labels ?? undefined,
  });
  return json(presentVolume(volume), 201);
}

function inspect(deps: VolumeDependencies, { params }: ApiRequest): Response {
  return json(presentVolume(deps.volumes.get(params['name'] ?? '')));
}

async function remove(deps: VolumeDependencies, { params, query }: ApiRequest): Promise<Response> {
  const name = params['name'] ?? '';
  if (booleanOf(query, 'force') && !deps.volumes.find(name)) return empty();
  await removeVolume(deps, name);
  return empty();
}

/** Anonymous ones only, unless all are asked for, since 1.42. */
async function prune(deps: VolumeDependencies, { query, version }: ApiRequest): Promise<Response> {
  const filters = parseFilters(query.get('filters'), volumePruneFilters);
  const all = version < 42 || booleanFilter(filters, 'all') === true;
  return json(await pruneVolumes(deps, filters, all));
}
