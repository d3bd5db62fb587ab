/**
 * The hub's OpenAPI document as the page of the API reads it: the parts that this hub writes, and plain functions over them.
 * The renderers that there are weigh megabytes, load from elsewhere or speak English only; what is needed here is a list.
 * https://spec.openapis.org/oas/v3.1.1.html
 */

export interface ApiDocument {
  readonly info: { readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, ApiSchema>> };
}

export interface ApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly ApiParameter[];
  readonly requestBody?: { readonly content: ApiContent };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: ApiContent }>
  >;
  readonly security: readonly object[];
}

interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly description?: string;
  readonly schema: ApiSchema;
}

type ApiContent = Readonly<Record<string, { readonly schema: ApiSchema }>>;

export interface ApiSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly ApiSchema[];
  readonly items?: ApiSchema;
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

/** An operation with where it is. */
export interface ApiEntry {
  readonly method: string;
  readonly path: string;
  readonly operation: ApiOperation;
}

export interface ApiGroup {
  readonly name: string;
  readonly entries: readonly ApiEntry[];
}

/** The operations by their tag, as far as each word of the filter is in method, path or summary. */
export function groupsOf({ tags, paths }: ApiDocument, filter: string): readonly ApiGroup[] {
  const words = filter.toLowerCase().split(/\s+/);
  const entries = Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
      })),
    )
    .filter(({ method, path, operation }) => {
      const text = `${method} ${path} ${operation.summary}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  return tags
    .map(({ name }) => ({ name, entries: entries.filter(({ operation }) => operation.tags.includes(name)) }))
    .filter((group) => group.entries.length > 0);
}

/** The schema of a body; undefined where there is none. */
export function bodyOf(content: ApiContent | undefined): ApiSchema | undefined {
  return content?.['application/json']?.schema;
}

/** The named schema that a reference stands for. */
export function resolve({ components }: ApiDocument, schema: ApiSchema): ApiSchema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (components.schemas[name] ?? {});
}

/** The fields of an object, of a list's entries, or of what may also be null. */
export function fieldsOf(
  document: ApiDocument,
  given: ApiSchema,
): readonly { readonly name: string; readonly isRequired: boolean; readonly schema: ApiSchema }[] {
  const schema = resolve(document, given);
  const inner = schema.items ?? schema.anyOf?.find(({ type }) => type !== 'null');
  if (inner) return fieldsOf(document, inner);
  return Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    name,
    isRequired: schema.required?.includes(name) ?? false,
    schema: field,
  }));
}

/** A type in a few signs, as in TypeScript: `string`, `Tag[]`, `"read" | "write"`, `integer | null`. */
export function typeOf(schema: ApiSchema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.items) {
    const entry = typeOf(schema.items);
    return entry.includes(' ') ? `(${entry})[]` : `${entry}[]`;
  }
  if (schema.format !== undefined) return `${String(schema.type)} (${schema.format})`;
  return typeof schema.type === 'object' ? schema.type.join(' | ') : (schema.type ?? 'any');
}
