/** Holds every answer of the JSON API that a test gets against what the OpenAPI document says of it. */
import { errorSchema } from '../../hub-api/schemas/common.ts';
import { CorruptError } from '../../lib/errors.ts';
import type { Route } from '../api/route.ts';
import { createTable } from '../api/routes.ts';

const table = createTable<{ found: (route: Route) => void }>((route) => (context) => {
  context.env.found(route);
  return context.body(null);
});

const streams = /^(?:text\/event-stream|text\/csv|application\/x-ndjson)\b/;

/** @throws CorruptError when the status is not told, or the body is not as told: too much in it counts as well. */
export async function checkAnswer(request: Request, response: Response): Promise<void> {
  const route = await routeOf(request);
  if (!route) return;
  const schema = response.status >= 400 ? errorSchema : route.answers[response.status];
  if (schema === undefined) throw new CorruptError(`${route.id}: the status ${response.status} is not told`);
  // A stream has no end to wait for.
  const isStream = streams.test(response.headers.get('Content-Type') ?? '');
  if (request.method === 'HEAD' || isStream) return;
  if (typeof schema === 'string') {
    if ((await response.clone().text()) !== '')
      throw new CorruptError(`${route.id}: a body that is not told`);
    return;
  }
  const body: unknown = await response.clone().json();
  const result = schema.safeParse(body);
  if (!result.success) throw new CorruptError(`${route.id}: ${result.error.message}`);
  if (!Bun.deepEquals(result.data, body)) throw new CorruptError(`${route.id}: ${excess(result.data, body)}`);
}

async function routeOf(request: Request): Promise<Route | undefined> {
  let route: Route | undefined;
  const { url, method } = request;
  await table.fetch(new Request(url, { method }), { found: (which: Route) => (route = which) });
  return route;
}

function excess(told: unknown, sent: unknown): string {
  return `more is sent than told: ${JSON.stringify(sent)} instead of ${JSON.stringify(told)}`;
}
