/** The hub as a function of requests: the parts, wired. server.ts gives it a port, tests call `fetch` as it is. */
import { apiDocumentPath } from '../hub-api/document-path.ts';
import { InvalidError, NotFoundError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { apiErrorResponse } from './api/errors.ts';
import { createApi } from './api/routes.ts';
import { PasswordVerifier } from './accounts/password.ts';
import { apiNamespaces } from './accounts/account-name.ts';
import { SignInLimit } from './accounts/sign-in-limit.ts';
import { startRotating } from './auth/rotate-keys.ts';
import { SigningKeys } from './auth/signing-keys.ts';
import { TokenIssuer } from './auth/token.ts';
import { handleToken, type TokenServiceParts } from './auth/token-service.ts';
import type { HubConfig } from './config.ts';
import { ImageAttestations } from './attestations/image-attestations.ts';
import { ImageFiles } from './files/image-files.ts';
import { LayerFiles } from './files/layer-files.ts';
import { Conversation } from './copies/conversation.ts';
import { SharedCounts } from './limits/shared-counts.ts';
import { RequestLimits } from './limits/request-limits.ts';
import { openHubParts } from './parts.ts';
import { challengePath, handleChallenge } from './tls/challenge.ts';
import { type HubTls, openTls } from './tls/open-certificates.ts';
import type { RegistryParts } from './registry/exchange.ts';
import { handleRegistry } from './registry/routes.ts';
import { PullCounter } from './repositories/pull-counter.ts';
import { collectOnSchedule } from './registry/collect-on-schedule.ts';
import { GarbageCollector } from './registry/garbage-collector.ts';
import { openSystem } from './administration/system-parts.ts';
import { hubItself } from './audit/current-actor.ts';
import { openReporting } from './reporting.ts';
import { answering, noteRoute } from './request-context.ts';
import { NamespaceStorage } from './repositories/namespace-storage.ts';
import { openRules } from './rules.ts';
import { openLive } from './live/open-live.ts';
import { providerLogoutPath } from '../hub-api/sign-in-address.ts';
import { type BackChannelParts, handleBackChannel } from './oidc/back-channel.ts';
import { handleNavigation } from './oidc/navigation.ts';
import { waysIn } from './oidc/ways-in.ts';
import type { Events } from './events.ts';
import { Draining } from './draining.ts';
import { openUpstreams } from './upstream/upstream-cache.ts';
import { handleOperations, isOperationsPath, type OperationsSide } from './operations.ts';
import { collectPartMetrics } from './watching/part-metrics.ts';
import { openWatch } from './watching/open-watch.ts';
import type { RequestWatch } from './watching/request-watch.ts';
import { Readiness } from './readiness.ts';
import { tellOfOtherKey } from './secrets/other-key.ts';
import { sealOldSecrets } from './webhooks/webhook-secret.ts';

export interface HubDependencies {
  readonly log: Log;
  /** Of the program, for the metrics. */
  readonly version?: string;
  /** The argv that starts this very program, for the processes that look into layers. */
  readonly self: readonly string[];
  /** Answers whatever is no API: the pages. Without it such addresses are not found. */
  readonly pages?: (request: Request) => Response | Promise<Response>;
}

/** What is known of a client beyond its request. */
interface ClientInfo {
  readonly address: string;
}

export interface Hub extends AsyncDisposable {
  /** Never throws. */
  fetch(request: Request, client?: ClientInfo): Promise<Response>;
  readonly draining: Draining;
  /** Answers /healthz, /readyz and /metrics at an address of their own. Never throws. */
  fetchOperations(request: Request): Promise<Response>;
  /** Ends the answers that would go on for ever, so that a server can stop. */
  endStreams(): void;
  /** Undefined: plain HTTP. */
  readonly tls: HubTls | undefined;
}

/** A name or an address, and a port: what clients are sent back to, so nothing that a header or a page would read otherwise. */
const hostForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/** One address each, as the metrics name them. */
const ownPaths: ReadonlySet<string> = new Set(['/.well-known/jwks.json', '/token', apiDocumentPath]);

const unknownClient: ClientInfo = { address: 'unknown' };

/** Opens the hub over its data directory. Dispose it to write pull counts and close the database. */
export async function createHub(
  config: HubConfig,
  { log, self, pages, version = '' }: HubDependencies,
): Promise<Hub> {
  await using stack = new AsyncDisposableStack();
  const stores = stack.use(await openHubParts(config, log, { self: hubItself }));
  const tls = config.tls && stack.use(await openTls(config.tls, stores.database, log));
  const { limits, trustedProxies, offlineTokens, keyRotation } = config.access;
  const watch = await openWatch(config.watching, { events: stores.events, log, version }, stack);
  const keys = await SigningKeys.open(stores.database, config.keysDirectory);
  stack.use(startRotating({ ...stores, keys }, keyRotation, log));
  await sealOldSecrets(stores, log);
  await tellOfOtherKey(stores, log);
  const tokens = new TokenIssuer(keys);
  const pulls = stack.use(new PullCounter(stores.database, log));
  const reporting = openReporting(stores, config.reporting, { log, ...watch }, stack);
  const conversation = stack.use(new Conversation(stores.database, log));
  const shared = stack.use(new SharedCounts(conversation));
  const live = openLive(stores, conversation, stack);
  const proxied = new WeakMap<Request, string>();
  const clientOf = (request: Request, url: URL, peer: string): Client => {
    const seen = trustedProxies.originOf(peer, request);
    if (seen !== undefined) proxied.set(request, seen);
    return {
      address: trustedProxies.clientOf(peer, request.headers),
      origin: config.publicUrl ?? seen ?? url.origin,
    };
  };
  const originOf = (request: Request): string =>
    config.publicUrl ?? proxied.get(request) ?? new URL(request.url).origin;
  const layerFiles = new LayerFiles({
    directory: config.layerListsDirectory,
    contents: stores.contents,
    self,
  });
  const collector = stack.use(new GarbageCollector({ ...stores, layerFiles }, config.garbage.grace, log));
  stack.use(collectOnSchedule(stores, collector, config.garbage.interval, log));
  const draining = new Draining(config.drain);
  const parts = {
    ...stores,
    readiness: new Readiness({ draining, checks: [() => stores.database.check(), stores.checkBlobs] }),
    ...openRules(stores, config, { log, ...watch }, stack),
    ...openUpstreams(stores, config, log, stack),
    files: new ImageFiles(layerFiles),
    attestations: new ImageAttestations(stores.manifests, stores.contents),
    tokens,
    pulls,
    ...reporting,
    ...live,
    namespaceStorage: new NamespaceStorage(stores.database),
    originOf,
    realmOf: (request: Request) => `${originOf(request)}/token`,
    passwords: new PasswordVerifier(),
    signInLimit: new SignInLimit(shared),
    limits: new RequestLimits(limits, shared),
    offlineTokens,
    ...waysIn(config),
    grace: config.garbage.grace,
    system: openSystem(stores, collector, config, stack),
  };
  const api = createApi(parts);
  collectPartMetrics({ ...parts, collector });
  const answerers = { parts, api, keys, tls, pages };
  const operate = (request: Request, side: OperationsSide): Promise<Response> =>
    handleOperations(parts, config.watching, request, side);
  const answer = async (request: Request, url: URL, address: string): Promise<Response> => {
    if (isOperationsPath(url.pathname)) return await operate(request, 'public');
    await stores.database.refresh();
    return await dispatch(answerers, request, url, address);
  };
  const open = stack.move();
  return {
    draining,
    fetch: fetchOf({ events: stores.events, watch: watch.requests, draining, clientOf, answer }),
    fetchOperations: (request) => operate(request, 'private'),
    endStreams: () => live.liveFeeds.endAll(),
    tls,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

interface Answerers {
  readonly parts: RegistryParts &
    TokenServiceParts &
    Parameters<typeof handleNavigation>[0] &
    BackChannelParts;
  readonly api: ReturnType<typeof createApi>;
  readonly keys: SigningKeys;
  readonly tls: HubTls | undefined;
  readonly pages: HubDependencies['pages'];
}

function dispatch(
  { parts, api, keys, tls, pages }: Answerers,
  request: Request,
  url: URL,
  address: string,
): Response | Promise<Response> {
  const { pathname } = url;
  if (isRegistryPath(pathname)) return handleRegistry(parts, request, url, address);
  noteRoute(ownPaths.has(pathname) ? pathname : 'pages');
  if (pathname === '/.well-known/jwks.json') return Response.json(keys.keySet);
  if (pathname.startsWith(challengePath)) return handleChallenge(tls, pathname);
  if (pathname === providerLogoutPath) return handleBackChannel(parts, request, address);
  if (pathname.startsWith('/oidc/')) return handleNavigation(parts, request, url, address);
  if (pathname === '/token') return handleToken(parts, request, url, address);
  if (pathname.startsWith('/v2/') || pathname.startsWith('/v1/') || pathname === apiDocumentPath) {
    return api(request, address);
  }
  return pages?.(request) ?? apiErrorResponse(new NotFoundError('not found'));
}

/** As the proxies that are believed tell of it. */
interface Client {
  readonly address: string;
  readonly origin: string;
}

interface Fetching {
  readonly events: Events;
  readonly watch: RequestWatch;
  readonly draining: Draining;
  readonly clientOf: (request: Request, url: URL, peer: string) => Client;
  readonly answer: (request: Request, url: URL, address: string) => Promise<Response>;
}

/** What every request goes through before somebody answers it. Whatever `answer` throws is an answer, too. */
function fetchOf({ events, watch, draining, clientOf, answer }: Fetching): Hub['fetch'] {
  const find = async (request: Request, url: URL | null, address: string): Promise<Response> => {
    if (!url || !hostForm.test(url.host)) return apiErrorResponse(new InvalidError('invalid Host header'));
    try {
      return await answer(request, url, address);
    } catch (error) {
      events.report({ kind: 'request-failed', method: request.method, path: url.pathname, error });
      return apiErrorResponse(error);
    }
  };
  return async (request, { address: peer } = unknownClient) => {
    const url = URL.parse(request.url);
    const client = url ? clientOf(request, url, peer) : { address: peer, origin: '' };
    const watched = watch.begin(request, url?.pathname ?? '', client);
    draining.enter();
    try {
      const found = await answering(watched.context, watched.span, find, request, url, client.address);
      const response = await watch.end(watched, found);
      if (draining.isBegun) response.headers.set('Connection', 'close');
      return response;
    } finally {
      draining.leave();
    }
  };
}

function isRegistryPath(pathname: string): boolean {
  return pathname === '/v2' || (pathname.startsWith('/v2/') && !isApiPath(pathname));
}

/** The JSON API has namespaces that no account may have. A repository's address below one of them would be the API's as well. */
function isApiPath(pathname: string): boolean {
  const end = pathname.indexOf('/', '/v2/'.length);
  return apiNamespaces.has(pathname.slice('/v2/'.length, end === -1 ? undefined : end));
}
