/** `POST /build/prune`. https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Image/operation/BuildPrune */
import { type Filters, parseFilters } from '../../engine-api/filters.ts';
import { InvalidError } from '../../lib/errors.ts';
import { type CacheUse } from '../build/cache/cache-use.ts';
import { type PruneDependencies, pruneCache, type PruneRequest } from '../build/cache/prune.ts';
import type { EventLog } from '../events.ts';
import { parseMoment } from '../images/list.ts';
import { booleanOf, integerOf } from './query.ts';
import { type ApiRequest, json, type Route } from './route.ts';

export type BuildPruneDependencies = PruneDependencies & { readonly events: EventLog };

export function buildPruneRoutes(deps: BuildPruneDependencies): Route[] {
  return [{ method: 'POST', path: '/build/prune', handle: (request) => prune(deps, request) }];
}

async function prune(deps: BuildPruneDependencies, { query }: ApiRequest): Promise<Response> {
  const { ids, bytes } = await pruneCache(deps, pruneRequest(query));
  deps.events.publish('builder', 'prune', '', { reclaimed: String(bytes) });
  return json({ CachesDeleted: ids.length > 0 ? ids : null, SpaceReclaimed: bytes });
}

const known = [
  'until',
  'unused-for',
  'id',
  'parent',
  'type',
  'description',
  'inuse',
  'shared',
  'private',
] as const;

/** @throws InvalidError for an unknown filter, or one with several values. */
function pruneRequest(query: URLSearchParams): PruneRequest {
  const filters = parseFilters(query.get('filters'), known);
  const bytes = (name: string): number => Math.max(0, integerOf(query, name) ?? 0);
  const until = one(filters, 'until') ?? one(filters, 'unused-for');
  return {
    all: booleanOf(query, 'all'),
    limits: {
      reserved: bytes('reserved-space') || bytes('keep-storage'),
      mostUsed: bytes('max-used-space'),
      leastFree: bytes('min-free-space'),
    },
    ...(until !== undefined && { unusedSince: parseMoment(until) * 1000 }),
    matches: matching(filters),
  };
}

function matching(filters: Filters): (use: CacheUse) => boolean {
  const [id, parent, type, description] = (['id', 'parent', 'type', 'description'] as const).map((name) =>
    one(filters, name),
  );
  const flags = (['inuse', 'shared', 'private'] as const).filter((name) => filters.has(name));
  return ({ record, isShared }) => {
    const is = { inuse: record.isInUse, shared: isShared, private: !isShared };
    return (
      (id === undefined || record.id.includes(id)) &&
      (parent === undefined || record.parent === parent) &&
      (type === undefined || record.kind === type) &&
      (description === undefined || record.description === description) &&
      flags.every((name) => is[name])
    );
  };
}

function one(filters: Filters, name: (typeof known)[number]): string | undefined {
  const values = filters.get(name) ?? [];
  if (values.length > 1) throw new InvalidError('filter expression expecting one single value');
  return values[0];
}
