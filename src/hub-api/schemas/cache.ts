/** The cache of upstream registries as an administrator sees it. */
import { z } from 'zod';
import { pageOf, pageQuery, time } from './common.ts';

const failure = z.object({ at: time, reason: z.string() }).nullable();

const upstreamSchema = z
  .object({
    name: z.string().describe('What images have it by, as in ghcr.io.'),
    address: z.string().describe('Where it is reached.'),
    has_credentials: z.boolean(),
    state: z
      .enum(['unknown', 'reachable', 'away', 'limited'])
      .describe(
        'Away: it did not answer, and is left alone for a while. Limited: it said that the hub pulls too much.',
      ),
    until: time.nullable().describe('Until then it is not asked.'),
    remaining: z.int().nullable().describe('Pulls that it still gives; null where it tells of no limit.'),
    answered_at: time.nullable(),
    last_error: failure,
    running: z.int().describe('Blobs on their way from it now.'),
    waiting: z.int().describe('Blobs that wait for their turn.'),
  })
  .meta({
    id: 'Upstream',
    description: 'A registry that images are taken from, as this copy of the hub knows it.',
  });

export const cacheSchema = z
  .object({
    upstreams: z.array(upstreamSchema).describe('None: nothing is taken from elsewhere.'),
    used_bytes: z.int(),
    max_bytes: z.int().nullable().describe('Null: no limit.'),
    since: time.describe('The rest is counted from then on, by the copy of the hub that answers.'),
    hits: z.int().describe('Manifests and blobs that were given out of the cache.'),
    misses: z.int().describe('Those that upstream was asked for.'),
    fetched_bytes: z.int().describe('From upstream.'),
  })
  .meta({ id: 'Cache' });

const cachedRepositorySchema = z
  .object({
    name: z.string().describe('With its registry: docker.io/library/debian.'),
    tags: z.int(),
    bytes: z.int().describe('What several repositories have counts in each.'),
    last_pulled: time.nullable().describe('Within some seconds; null where nothing of it is here.'),
    last_checked: time.nullable().describe('When upstream was last asked about a tag of it.'),
  })
  .meta({ id: 'CachedRepository' });

export const cachedRepositoryPageSchema = pageOf('CachedRepositoryPage', cachedRepositorySchema);

export const cachedRepositoryQuery = z.object({
  ...pageQuery,
  query: z.string().max(255).default('').describe('Part of a name.'),
});

const cachedTagSchema = z
  .object({
    name: z.string(),
    digest: z.string(),
    bytes: z.int().describe('What is here of it; 0: somebody only asked what it is.'),
    last_pulled: time.nullable(),
    last_checked: time,
  })
  .meta({ id: 'CachedTag' });

export const cachedTagPageSchema = pageOf('CachedTagPage', cachedTagSchema);

const image = z.string().min(1).max(400);

export const cachedTagQuery = z.object({
  ...pageQuery,
  name: image.describe('Of the repository: debian, ghcr.io/owner/name.'),
});

export const removeCachedQuery = z.object({
  name: image.describe('A repository, or a tag of one: debian:latest, ghcr.io/owner/name.'),
});

export const pruneCacheSchema = z
  .object({
    until: z
      .string()
      .max(20)
      .optional()
      .describe('As in 24h, which it is by itself: what was not pulled for so long goes.'),
    all: z.boolean().default(false).describe('Everything goes.'),
  })
  .meta({ id: 'PruneCacheRequest' });

export const prunedCacheSchema = z
  .object({ manifests: z.int(), blobs: z.int(), bytes: z.int().describe('Of both.') })
  .meta({ id: 'PrunedCache' });
