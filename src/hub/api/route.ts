/**
 * A route of the JSON API: where it is, what goes in and comes out, and who answers. The OpenAPI document is made of the same
 * definition that requests are read by, so neither can say what the other doesn't know.
 */
import type { z } from 'zod';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import { isAdministrator } from '../auth/policy.ts';
import { type Call, type Caller, readBody } from './call.ts';
import type { ApiParts } from './parts.ts';
import { HiddenError } from './refusals.ts';

/** What the document tells of a route. Paths are OpenAPI's: `/v2/users/{username}`, served with and without a slash at the end. */
interface Description {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Other addresses that older clients know for the same. */
  readonly aliases?: readonly string[];
  /** The name of the operation, for clients that are made of the document. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  /**
   * Whether a session is not looked at, may show more, or has to be there; for anybody but an administrator the last kind is as
   * if there were no such address.
   */
  readonly auth: 'none' | 'optional' | 'required' | 'administrator';
  /** By status: the body's schema, or what it means where there is none. Refusals are the same everywhere and not told here. */
  readonly answers: Readonly<Record<number, z.ZodType | string>>;
}

type Tag =
  | 'Accounts'
  | 'Access tokens'
  | 'Organizations'
  | 'Repositories'
  | 'Tags'
  | 'Images'
  | 'Search'
  | 'Audit'
  | 'Webhooks'
  | 'Administration';

interface Schemas<Params, Query, Body> {
  /** All of the braces in `path`. */
  readonly params?: z.ZodObject & z.ZodType<Params>;
  readonly query?: z.ZodObject & z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
}

type Definition<Params, Query, Body> = Description &
  Schemas<Params, Query, Body> & {
    readonly handle: (parts: ApiParts, call: Call<Params, Query, Body>) => Promise<Response>;
  };

/** A definition with its types closed over. */
export interface Route extends Description, Schemas<unknown, unknown, unknown> {
  readonly answer: (
    parts: ApiParts,
    caller: Caller,
    params: Readonly<Record<string, string>>,
  ) => Promise<Response>;
}

/** Params and query are read before `handle`, the body when it asks: who may not do a thing is told so first. */
export function route<Params = undefined, Query = undefined, Body = undefined>(
  definition: Definition<Params, Query, Body>,
): Route {
  const { handle, ...described } = definition;
  const { params, query, body } = described;
  return {
    ...described,
    async answer(parts, caller, found) {
      if (described.auth === 'administrator' && !isAdministrator(caller.actor)) throw new HiddenError();
      return await handle(parts, {
        ...caller,
        params: readParams(params, found) as Params,
        query: readQuery(query, caller.url) as Query,
        body: async () => (body ? readBody(caller.request, body) : undefined) as Body,
      });
    },
  };
}

/** A name that cannot be one is of a thing that isn't there. */
function readParams(schema: z.ZodType | undefined, found: Readonly<Record<string, string>>): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(found);
  if (!result.success) throw new NotFoundError('object not found');
  return result.data;
}

/** Of a name that comes twice the first counts. */
function readQuery(schema: z.ZodType | undefined, url: URL): unknown {
  if (!schema) return undefined;
  const entries = [...url.searchParams].toReversed();
  const result = schema.safeParse(Object.fromEntries(entries));
  if (result.success) return result.data;
  const messages = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new InvalidError(messages.join('; '));
}
