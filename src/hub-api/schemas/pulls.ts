/** How often a repository is pulled. */
import { z } from 'zod';
import { time } from './common.ts';

export const maxDays = 366;
const defaultDays = 30;

export const pullsQuery = z.object({
  days: z
    .string()
    .regex(/^(?:[1-9]\d{0,2})?$/, `a number of days from 1 to ${maxDays} is expected`)
    .transform((text) => (text === '' ? defaultDays : Math.min(Number(text), maxDays)))
    .default(defaultDays)
    .meta({ type: 'integer', minimum: 1, maximum: maxDays, pattern: undefined, description: 'Up to today.' }),
});

export const pullsSchema = z
  .object({
    pull_count: z.int().describe('Of all time.'),
    last_pulled: time.nullable(),
    last_pushed: time.nullable(),
    days: z
      .array(z.object({ date: z.string().meta({ format: 'date' }), pulls: z.int() }))
      .describe('Every day asked for, in UTC, the oldest first.'),
    tags: z
      .array(z.object({ name: z.string(), pulls: z.int() }))
      .describe(
        'Within these days, most pulls first, at most 100. A pull by digest counts for every tag of it.',
      ),
  })
  .meta({ id: 'Pulls' });
