/** The volume routes. https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Volume */
import { z } from 'zod';
import { booleanFilter, parseFilters } from '../../engine-api/filters.ts';
import { InvalidError } from '../../lib/errors.ts';
import type { ContainerStore } from '../containers/container-store.ts';
import type { EventLog } from '../events.ts';
import type { VolumeRecord, VolumeStore } from '../volumes/volume-store.ts';
import { presentVolume } from '../volumes/present.ts';
import { volumeUsers } from '../volumes/volume-users.ts';
import { booleanOf } from './query.ts';
import { type ApiRequest, empty, json, type Route } from './route.ts';

export interface VolumeRouteDependencies {
  readonly volumes: VolumeStore;
  readonly containers: Pick<ContainerStore, 'list'>;
  readonly events: EventLog;
}

const listFilters = ['dangling', 'driver', 'label', 'name'];
const pruneFilters = ['all', 'label', 'label!'];

export function volumeRoutes(deps: VolumeRouteDependencies): Route[] {
  return [
    { method: 'GET', path: '/volumes', handle: (request) => list(deps, request) },
    { method: 'POST', path: '/volumes/create', handle: (request) => create(deps, request) },
    { method: 'POST', path: '/volumes/prune', handle: (request) => prune(deps, request) },
    { method: 'GET', path: '/volumes/{name}', handle: (request) => inspect(deps, request) },
    { method: 'DELETE', path: '/volumes/{name}', handle: (request) => remove(deps, request) },
  ];
}

function list(deps: VolumeRouteDependencies, { query }: ApiRequest): Response {
  const filters = parseFilters(query.get('filters'), listFilters);
  const dangling = booleanFilter(filters, 'dangling');
  const volumes = deps.volumes
    .list()
    .filter(
      (volume) =>
        dangling === undefined || dangling === (volumeUsers(deps.containers, volume.name).length === 0),
    )
    .filter(({ name }) => anyOf(filters.get('name'), (value) => name.includes(value)))
    .filter(() => anyOf(filters.get('driver'), (value) => value === 'local'))
    .filter((volume) => (filters.get('label') ?? []).every((value) => hasLabel(volume, value)));
  return json({ Volumes: volumes.map(presentVolume), Warnings: null });
}

function anyOf(values: readonly string[] | undefined, test: (value: string) => boolean): boolean {
  return values === undefined || values.length === 0 || values.some(test);
}

function hasLabel({ labels }: VolumeRecord, value: string): boolean {
  const [label = '', ...rest] = value.split('=');
  return labels[label] !== undefined && (rest.length === 0 || labels[label] === rest.join('='));
}

const strings = z.record(z.string(), z.string()).nullish();
const createSchema = z.looseObject({
  Name: z.string().nullish(),
  Driver: z.string().nullish(),
  DriverOpts: strings,
  Labels: strings,
});

async function create(deps: VolumeRouteDependencies, request: ApiRequest): Promise<Response> {
  const parsed = createSchema.safeParse((await request.json()) ?? {});
  if (!parsed.success)
    throw new InvalidError('invalid JSON: a volume has Name, Driver, DriverOpts and Labels');
  const { Name, Driver, DriverOpts, Labels } = parsed.data;
  const volume = await deps.volumes.create({
    name: Name ?? undefined,
    driver: Driver ?? undefined,
    options: DriverOpts ?? undefined,
    labels: Labels ?? undefined,
  });
  deps.events.publish('volume', 'create', volume.name, { driver: 'local' });
  return json(presentVolume(volume), 201);
}

function inspect(deps: VolumeRouteDependencies, { params }: ApiRequest): Response {
  return json(presentVolume(deps.volumes.get(params['name'] ?? '')));
}

async function remove(deps: VolumeRouteDependencies, { params, query }: ApiRequest): Promise<Response> {
  const name = params['name'] ?? '';
  if (booleanOf(query, 'force') && !deps.volumes.find(name)) return empty();
  await deps.volumes.remove(name, volumeUsers(deps.containers, name));
  deps.events.publish('volume', 'destroy', name, { driver: 'local' });
  return empty();
}

/** Anonymous ones only, unless all are asked for, since 1.42. */
async function prune(deps: VolumeRouteDependencies, { query, version }: ApiRequest): Promise<Response> {
  const filters = parseFilters(query.get('filters'), pruneFilters);
  const all = version < 42 || booleanFilter(filters, 'all') === true;
  const deleted: string[] = [];
  for (const volume of deps.volumes.list()) {
    const isKept = (filters.get('label!') ?? []).some((value) => hasLabel(volume, value));
    if ((!all && !volume.anonymous) || isKept || volumeUsers(deps.containers, volume.name).length > 0)
      continue;
    if (!(filters.get('label') ?? []).every((value) => hasLabel(volume, value))) continue;
    await deps.volumes.remove(volume.name, []);
    deleted.push(volume.name);
  }
  return json({ VolumesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: 0 });
}
