/** What a first page shows beside lists that there are anyway. */
import { z } from 'zod';
import { searchResultSchema } from './search.ts';

export const recentQuery = z.object({
  page_size: z
    .string()
    .regex(/^(?:[1-9]\d{0,2})?$/, 'a number from 1 to 100 is expected')
    .transform((text) => Math.min(Number(text || 10), 100))
    .default(10)
    .meta({ type: 'integer', minimum: 1, maximum: 100, pattern: undefined, description: 'How many.' }),
});

export const recentSchema = z
  .object({ results: z.array(searchResultSchema) })
  .meta({ id: 'RecentRepositories', description: 'The newest push first.' });

export const ownStorageSchema = z
  .object({
    namespace: z.string(),
    repositories: z.int(),
    bytes: z.int().describe('A layer that several of them have counts once. Up to 15 seconds old.'),
  })
  .meta({ id: 'OwnStorage' });
