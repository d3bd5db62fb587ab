/** JSON bodies against their schema; what does not fit is refused in the sentence that docker's clients know. */
import type { z } from 'zod';
import { InvalidError } from '../../lib/errors.ts';

/**
 * @param name of the structure in docker's messages: `AuthConfig`.
 * @throws InvalidError naming the field: `invalid JSON: json: cannot unmarshal number into Go struct field AuthConfig.username of type string`.
 */
export function parseBody<T>(schema: z.ZodType<T>, name: string, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String) ?? [];
  const place = path.length === 0 ? 'value' : 'struct field';
  const expected = issue && 'expected' in issue ? goType(String(issue.expected)) : undefined;
  if (expected === undefined) throw new InvalidError(`invalid JSON: ${path.join('.')}: ${issue?.message}`);
  const target = path.length === 0 ? '' : ` ${[name, ...path].join('.')}`;
  throw new InvalidError(
    `invalid JSON: json: cannot unmarshal ${jsonType(valueAt(body, path))} into Go ${place}${target} of type ${path.length === 0 ? name : expected}`,
  );
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

const goTypes: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  number: 'int64',
  int: 'int64',
  array: '[]string',
  record: 'map[string]string',
  object: 'struct',
};

function goType(expected: string): string {
  return goTypes[expected] ?? expected;
}
