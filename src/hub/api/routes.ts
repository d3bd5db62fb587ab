/** The JSON API: every route of it, and the function that answers them. */
import { type Handler, Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import { apiDocumentPath } from '../../hub-api/document-path.ts';
import { DeniedError, messageOf, NotFoundError, UnauthorizedError } from '../../lib/errors.ts';
import { callerOf, secretOf } from './call.ts';
import { apiErrorResponse, isApiFault } from './errors.ts';
import { attestationRoutes } from './attestations.ts';
import { fileRoutes } from './files.ts';
import { imageRoutes } from './images.ts';
import { describeApi } from './openapi.ts';
import type { ApiParts } from './parts.ts';
import { HiddenError, NotAllowedError } from './refusals.ts';
import { passwordRoutes } from './passwords.ts';
import { providerRoutes } from './provider.ts';
import { repositoryRoutes } from './repositories.ts';
import type { Route } from './route.ts';
import { searchRoutes } from './search.ts';
import { tagRoutes } from './tags.ts';
import { cacheRoutes } from './cache.ts';
import { categoryRoutes } from './categories.ts';
import { deletedRoutes } from './deleted.ts';
import { immutableTagRoutes } from './immutable-tags.ts';
import { moveRoutes } from './move-repository.ts';
import { pullRoutes } from './pulls.ts';
import { activityRoutes } from './activity.ts';
import { auditRoutes } from './audit.ts';
import { homeRoutes } from './home.ts';
import { liveRoutes } from './live.ts';
import { accessTokenRoutes } from './access-tokens.ts';
import { grantRoutes } from './grants.ts';
import { invitationRoutes } from './invitations.ts';
import { memberRoutes } from './members.ts';
import { organizationTokenRoutes } from './organization-tokens.ts';
import { organizationRoutes } from './organizations.ts';
import { secondFactorRoutes } from './second-factor.ts';
import { sessionRoutes } from './sessions.ts';
import { systemUserRoutes } from './system-users.ts';
import { systemRoutes } from './system.ts';
import { quotaRoutes } from './quotas.ts';
import { retentionRoutes } from './retention.ts';
import { replicationRoutes } from './replication.ts';
import { teamRoutes } from './teams.ts';
import { userRoutes } from './users.ts';
import { webhookRoutes } from './webhooks.ts';
import { noteRoute } from '../request-context.ts';

export const routes: readonly Route[] = [
  ...sessionRoutes,
  ...userRoutes,
  ...passwordRoutes,
  ...invitationRoutes,
  ...providerRoutes,
  ...secondFactorRoutes,
  ...accessTokenRoutes,
  ...organizationRoutes,
  ...organizationTokenRoutes,
  ...memberRoutes,
  ...teamRoutes,
  ...grantRoutes,
  ...searchRoutes,
  ...systemUserRoutes,
  ...systemRoutes,
  ...cacheRoutes,
  ...quotaRoutes,
  ...replicationRoutes,
  ...retentionRoutes,
  ...auditRoutes,
  ...webhookRoutes,
  ...tagRoutes,
  ...fileRoutes,
  ...imageRoutes,
  ...attestationRoutes,
  ...immutableTagRoutes,
  ...deletedRoutes,
  ...categoryRoutes,
  ...pullRoutes,
  ...activityRoutes,
  ...liveRoutes,
  ...homeRoutes,
  ...moveRoutes,
  ...repositoryRoutes,
];

/** Answers the JSON API; `address` is the client's. Never throws. */
export function createApi(parts: ApiParts): (request: Request, address: string) => Promise<Response> {
  const app = createTable<{ readonly address: string }>((route) => async (context) => {
    const request = context.req.raw;
    noteRoute(route.path);
    const { address } = context.env;
    const url = new URL(request.url);
    const caller = { request, url, address, ...(await callerOf(parts, request)) };
    return route.answer(parts, caller, context.req.param());
  });
  const document = JSON.stringify(describeApi(routes));
  app.get(apiDocumentPath, (context) => context.body(document, 200, { 'Content-Type': 'application/json' }));
  app.notFound(() => apiErrorResponse(new NotFoundError('object not found')));
  app.onError((error, context) => {
    const { method, path } = context.req;
    if (isApiFault(error)) parts.events.report({ kind: 'request-failed', method, path, error });
    else reportRefusal(parts, error, context.req.raw, path);
    return apiErrorResponse(error);
  });
  return async (request, address) => {
    const response = await app.fetch(request, { address });
    response.headers.set('X-Content-Type-Options', 'nosniff');
    return response;
  };
}

/** Who comes without anything to prove who they are is only on the way to sign in; what is hidden is told of in any case. */
function reportRefusal({ events }: ApiParts, error: unknown, request: Request, path: string): void {
  const isRefusal = error instanceof DeniedError || error instanceof UnauthorizedError;
  if (!(error instanceof HiddenError) && !(isRefusal && secretOf(request) !== undefined)) return;
  const repository =
    error instanceof HiddenError || error instanceof NotAllowedError ? error.repository : undefined;
  const reason = error instanceof HiddenError ? 'hidden' : messageOf(error);
  events.report({ kind: 'access-refused', object: repository ?? path, reason, action: request.method });
}

/**
 * Every address of every route. Of two that fit the first one has it: what is below a repository comes before the repository
 * itself, whose name may have any parts. Only this router of hono's takes such a name in the middle of a path.
 */
export function createTable<Bindings extends object>(
  handlerOf: (route: Route) => Handler<{ Bindings: Bindings }>,
): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>({ strict: false, router: new TrieRouter() });
  const all = routes.flatMap((route) =>
    [route.path, ...(route.aliases ?? [])].map((path) => ({ route, path: routerPath(path) })),
  );
  const isOpen = ({ path }: { readonly path: string }): boolean => path.endsWith('{.+}');
  for (const { route, path } of [...all.filter((each) => !isOpen(each)), ...all.filter(isOpen)]) {
    app.on(route.method, path, handlerOf(route));
  }
  return app;
}

function routerPath(path: string): string {
  return path.replaceAll('{repository}', ':repository{.+}').replaceAll(/\{(\w+)\}/g, ':$1');
}
