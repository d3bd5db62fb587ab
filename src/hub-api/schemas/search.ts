/** Search, as pages and tools ask, and as the docker CLI does. */
import { z } from 'zod';
import { pageOf, pageQuery, time } from './common.ts';

export const searchResultSchema = z
  .object({
    repo_name: z.string().describe('Official images have a bare name.'),
    short_description: z.string(),
    star_count: z.int(),
    pull_count: z.int(),
    repo_owner: z.string(),
    is_automated: z.boolean(),
    is_official: z.boolean(),
    is_private: z.boolean(),
    last_updated: time.nullable(),
  })
  .meta({ id: 'SearchResult' });

/** The count ends at 1,000, and so do the pages. */
export const searchPageSchema = pageOf('SearchPage', searchResultSchema);

export const searchQuery = z.object({
  ...pageQuery,
  query: z.string().default('').describe('Words; empty: everything that the caller may see.'),
  official: flag('Official images only.'),
  mine: flag('Only what is below the caller’s namespace, or one of an organization that they edit.'),
  stars: z
    .string()
    .regex(/^\d{0,9}$/, 'a number is expected')
    .default('')
    .transform(Number)
    .meta({ type: 'integer', minimum: 0, pattern: undefined, description: 'At least so many.' }),
  updated: z
    .union([z.literal(''), z.enum(['day', 'week', 'month', 'year'])])
    .default('')
    .describe('Pushed within this time.'),
  architecture: z.string().max(64).default('').describe('An image for it is there, as in amd64.'),
  sort: z
    .enum(['best', 'updated', 'stars', 'name'])
    .default('best')
    .describe('Of the 1,000 best that match.'),
});

function flag(description: string) {
  return z
    .enum(['', 'true', 'false'])
    .default('')
    .transform((text) => text === 'true')
    .meta({ type: 'boolean', enum: undefined, description });
}

const maxLimit = 100;
const defaultLimit = 25;

export const indexSearchQuery = z.object({
  q: z.string().default('').describe('Words.'),
  // docker sends 1 to 100; a number that is none is as if it were left out.
  n: z
    .string()
    .optional()
    .transform((text) =>
      /^[1-9]\d{0,8}$/.test(text ?? '') ? Math.min(Number(text), maxLimit) : defaultLimit,
    )
    .meta({ type: 'integer', minimum: 1, maximum: maxLimit, default: defaultLimit }),
});

const indexSearchResultSchema = z
  .object({
    name: z.string(),
    description: z.string(),
    star_count: z.int(),
    pull_count: z.int(),
    is_official: z.boolean(),
    is_automated: z.boolean(),
    is_trusted: z.boolean(),
  })
  .meta({ id: 'IndexSearchResult' });

export const indexSearchSchema = z
  .object({
    query: z.string(),
    num_results: z.int(),
    page: z.int(),
    page_size: z.int(),
    num_pages: z.int(),
    results: z.array(indexSearchResultSchema),
  })
  .meta({ id: 'IndexSearchResponse', description: 'What `docker search` reads.' });

export const pingSchema = z.object({ standalone: z.literal(true) }).meta({ id: 'IndexPing' });
