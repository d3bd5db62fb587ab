/** The JSON API as a table: method, address, handler. Addresses are served with and without a slash at their end. */
import { Hono } from 'hono';
import { NotFoundError } from '../../lib/errors.ts';
import { actorOf, type Call, callerOf } from './call.ts';
import { apiErrorResponse, isApiFault } from './errors.ts';
import type { ApiParts } from './parts.ts';
import {
  createRepository,
  deleteRepository,
  getRepository,
  listRepositories,
  patchRepository,
  postPrivacy,
  starRepository,
  unstarRepository,
} from './repositories.ts';
import { ping, searchForDocker, searchForPages } from './search.ts';
import { deleteTag, getTag, listTags } from './tags.ts';
import { getCurrentUser, getUser, postAuthToken, postLogin, postLogout, postSignup } from './users.ts';

type Handler = (parts: ApiParts, call: Call) => Promise<Response>;
type Route = readonly [method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, handler: Handler];

const legacy = '/v2/repositories/:namespace/:name';
const current = '/v2/namespaces/:namespace/repositories/:name';

const routes: readonly Route[] = [
  ['POST', '/v2/users/signup', postSignup],
  ['POST', '/v2/users/login', postLogin],
  ['POST', '/v2/auth/token', postAuthToken],
  ['POST', '/v2/logout', postLogout],
  ['GET', '/v2/user', getCurrentUser],
  ['GET', '/v2/users/:username', getUser],

  ['GET', '/v2/search/repositories', searchForPages],
  ['GET', '/v1/search', searchForDocker],
  ['GET', '/v1/_ping', ping],

  ['POST', '/v2/repositories', createRepository],
  ['GET', '/v2/repositories/:namespace', listRepositories],
  ['POST', '/v2/namespaces/:namespace/repositories', createRepository],
  ['GET', '/v2/namespaces/:namespace/repositories', listRepositories],
  ...[legacy, current].flatMap((repository): Route[] => [
    ['GET', repository, getRepository],
    ['PATCH', repository, patchRepository],
    ['DELETE', repository, deleteRepository],
    ['POST', `${repository}/privacy`, postPrivacy],
    ['POST', `${repository}/stars`, starRepository],
    ['DELETE', `${repository}/stars`, unstarRepository],
    ['GET', `${repository}/tags`, listTags],
    ['GET', `${repository}/tags/:tag`, getTag],
    ['DELETE', `${repository}/tags/:tag`, deleteTag],
  ]),
];

/** Answers the JSON API; `address` is the client's. Never throws. */
export function createApi(parts: ApiParts): (request: Request, address: string) => Promise<Response> {
  const app = new Hono<{ Bindings: { readonly address: string } }>({ strict: false });
  for (const [method, path, handler] of routes) {
    app.on(method, path, async (context) => {
      const request = context.req.raw;
      const account = await callerOf(parts, request);
      const { address } = context.env;
      const params = context.req.param();
      const url = new URL(request.url);
      return handler(parts, { request, url, params, address, account, actor: actorOf(account) });
    });
  }
  app.notFound(() => apiErrorResponse(new NotFoundError('object not found')));
  app.onError((error, context) => {
    if (isApiFault(error)) {
      parts.events.report({
        kind: 'request-failed',
        method: context.req.method,
        path: context.req.path,
        error,
      });
    }
    return apiErrorResponse(error);
  });
  return async (request, address) => app.fetch(request, { address });
}
