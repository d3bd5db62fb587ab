/**
 * The `filters` parameter: a JSON object, each key with its values as a list `{"label":["a"]}` or, from old clients,
 * as a map `{"label":{"a":true}}`. Shared by engine (parse) and cli (format).
 */
import { InvalidError } from '../lib/errors.ts';

export type Filters = ReadonlyMap<string, readonly string[]>;

/** `name=value` texts of --filter, grouped by name. Names are trimmed and lower case, as docker's CLI sends them. */
export function groupFilters(texts: readonly string[]): Filters {
  const filters = new Map<string, string[]>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals === -1) continue;
    const name = text.slice(0, equals).toLowerCase().trim();
    filters.set(name, [...(filters.get(name) ?? []), text.slice(equals + 1).trim()]);
  }
  return filters;
}

/** The parameter's text; undefined where nothing is filtered. The map form, which every engine knows. */
export function formatFilters(filters: Filters): string | undefined {
  if (filters.size === 0) return undefined;
  const body: Record<string, Record<string, true>> = {};
  for (const [name, values] of filters) {
    body[name] = Object.fromEntries(values.map((value) => [value, true]));
  }
  return JSON.stringify(body);
}

/**
 * Reads the parameter.
 * @param known the names this operation understands.
 * @throws InvalidError for what is not an object of lists or maps, and for an unknown name.
 */
export function parseFilters(text: string | null, known: readonly string[]): Filters {
  const filters = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(parseObject(text))) {
    if (!known.includes(name)) throw new InvalidError(`invalid filter '${name}'`);
    filters.set(name, valuesOf(name, values));
  }
  return filters;
}

function parseObject(text: string | null): Record<string, unknown> {
  if (text === null || text === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new InvalidError('invalid filter', { cause });
  }
  if (parsed === null) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw new InvalidError('invalid filter');
  return parsed as Record<string, unknown>;
}

function valuesOf(name: string, values: unknown): readonly string[] {
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values;
  if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
    return Object.entries(values).flatMap(([value, isSet]) => (isSet === true ? [value] : []));
  }
  throw new InvalidError(`invalid filter '${name}'`);
}

/** True where a boolean filter is set; undefined where it isn't given. @throws InvalidError for another word. */
export function booleanFilter(filters: Filters, name: string): boolean | undefined {
  const values = filters.get(name);
  if (!values || values.length === 0) return undefined;
  if (values.every((value) => ['1', 'true', 'True', 'TRUE', 't', 'T'].includes(value))) return true;
  if (values.every((value) => ['0', 'false', 'False', 'FALSE', 'f', 'F'].includes(value))) return false;
  throw new InvalidError(`invalid filter '${name}=${values.join(',')}'`);
}
