/** What the shapes of the JSON API have in common. A shape with an `id` is a named schema of the OpenAPI document. */
import { z } from 'zod';

/** Of a list: pages count from 1. */
export function pageOf<T extends z.ZodType>(id: string, entry: T) {
  return pageWith(id, entry, {});
}

/** A page that tells more of the whole list. */
export function pageWith<T extends z.ZodType, M extends z.ZodRawShape>(id: string, entry: T, more: M) {
  return z
    .object({
      count: z.int().describe('Of the whole list.'),
      next: z.string().nullable().describe('Address of the next page.'),
      previous: z.string().nullable().describe('Address of the page before.'),
      results: z.array(entry),
      ...more,
    })
    .meta({ id, description: 'One page of a list.' });
}

/** A number in a query: digits, from 1 on. Nothing after `?name=` is as if it were left out. */
function count(otherwise: number) {
  return z
    .string()
    .regex(/^(?:[1-9]\d{0,8})?$/, 'a number from 1 on is expected')
    .transform((text) => (text === '' ? otherwise : Number(text)))
    .default(otherwise);
}

/** For the query of a list whose pages have at most `max` entries. */
export function pageQueryOf(max: number, otherwise: number) {
  return {
    page: count(1).meta({ type: 'integer', minimum: 1, pattern: undefined, description: 'From 1.' }),
    page_size: count(otherwise)
      .transform((size) => Math.min(size, max))
      .meta({
        type: 'integer',
        minimum: 1,
        maximum: max,
        pattern: undefined,
        description: `Entries of a page; more than ${max} are never given.`,
      }),
  };
}

/** For the query of a list. */
export const pageQuery = pageQueryOf(100, 10);

export interface Ordering<T extends string> {
  readonly order: T;
  readonly descending: boolean;
}

/** One of a fixed list of columns, descending with a dash before it. */
export function ordering<const T extends string>(columns: readonly T[], otherwise: T | `-${T}`) {
  const values = columns.flatMap((column) => [column, `-${column}` as const]);
  return z
    .union([z.literal(''), z.enum(values)], {
      error: `one of ${columns.join(', ')} is expected, with a dash before it for descending`,
    })
    .optional()
    .transform((given): Ordering<T> => {
      const text: string = given || otherwise;
      return { order: text.replace(/^-/, '') as T, descending: text.startsWith('-') };
    })
    .meta({ type: 'string', enum: values, anyOf: undefined, description: 'A dash is for descending.' });
}

/** What every refusal's body holds. Wrong inputs are at the top under their own names as well, as Docker Hub has them. */
export const errorSchema = z
  .looseObject({
    message: z.string().describe('What is wrong and what to do about it.'),
    detail: z.string().describe('The same.'),
    fields: z.record(z.string(), z.array(z.string())).optional().describe('What is wrong with which input.'),
  })
  .meta({ id: 'Error', description: 'A refusal.' });

export const emptySchema = z.object({}).meta({ id: 'Empty', description: 'Nothing more to tell.' });

/** RFC 3339, in UTC. */
export const time = z.string().meta({ format: 'date-time' });
