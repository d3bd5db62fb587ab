/** The OpenAPI document of the JSON API, made of its routes. https://spec.openapis.org/oas/v3.1.1.html */
import { z } from 'zod';
import { errorSchema } from '../../hub-api/schemas/common.ts';
import { sessionCookie } from '../accounts/start-session.ts';
import type { Route } from './route.ts';

type Schema = Readonly<Record<string, unknown>>;

/** A named schema stands once, among the components. */
const uri = (id: string): string => `#/components/schemas/${id}`;

export function describeApi(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.1',
    info: {
      title: 'cais hub',
      version: '1',
      description:
        'The API of this hub, in the shapes of Docker Hub’s. Addresses end with or without a slash alike; GET answers HEAD too. ' +
        'The registry protocol below /v2/ and its token service are the OCI distribution specification’s.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
      },
    },
  };
}

function operation(route: Route): object {
  const also = (route.aliases ?? []).map((alias) => `\`${alias}\``).join(', ');
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(also && { description: `Also at ${also}.` }),
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...(route.body && { requestBody: { required: true, content: json(route.body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(route.answers).map(([status, answer]) => [status, told(answer)])),
      default: { description: 'A refusal.', content: json(errorSchema) },
    },
    security: security[route.auth],
  };
}

/** The empty requirement is met by everybody. */
const security = {
  none: [],
  optional: [{}, { bearer: [] }, { session: [] }],
  required: [{ bearer: [] }, { session: [] }],
  administrator: [{ bearer: [] }, { session: [] }],
} as const;

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): object[] {
  if (!schema) return [];
  const { properties = {} } = schemaOf(schema) as { properties?: Record<string, Schema> };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path',
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

function told(answer: z.ZodType | string): object {
  if (typeof answer === 'string') return { description: answer };
  return { description: answer.description ?? 'Done.', content: json(answer) };
}

function json(schema: z.ZodType): object {
  const id = z.globalRegistry.get(schema)?.id;
  return { 'application/json': { schema: id === undefined ? schemaOf(schema) : { $ref: uri(id) } } };
}

/** What goes in: an answer is told without promising that nothing will be added to it. */
function schemaOf(schema: z.ZodType): Schema {
  return without(z.toJSONSchema(schema, { io: 'input' }), '$schema');
}

function components(): Record<string, Schema> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { io: 'input', uri });
  const named = Object.entries(schemas).map(([id, schema]) => [id, without(schema, '$schema', '$id', 'id')]);
  return Object.fromEntries(named) as Record<string, Schema>;
}

function without(schema: Schema, ...names: readonly string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));
}
