/** For whoever runs the hub: is it alive, is it ready, what does it count. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { CaisError, NotFoundError, UnauthorizedError } from '../lib/errors.ts';
import { apiErrorResponse } from './api/errors.ts';
import type { Events } from './events.ts';
import { retryAfter } from './limits/retry-after.ts';
import type { Readiness } from './readiness.ts';
import { noteRoute } from './request-context.ts';
import type { WatchingConfig } from './watching/watching-config.ts';

interface Parts {
  readonly readiness: Readiness;
  readonly events: Events;
}

/** Whether the request came to the hub's address or to the one that `--metrics-listen` names. */
export type OperationsSide = 'public' | 'private';

const paths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

export function isOperationsPath(pathname: string): boolean {
  return paths.has(pathname);
}

/**
 * Answers /healthz, /readyz and /metrics, and that there is nothing else. The first one waits for nothing: to start a hub anew
 * would not help a database that is away.
 */
export async function handleOperations(
  parts: Parts,
  watching: WatchingConfig,
  request: Request,
  side: OperationsSide,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (!isOperationsPath(pathname)) return apiErrorResponse(new NotFoundError('not found'));
  noteRoute(pathname);
  if (pathname === '/healthz') return text('ok\n');
  if (pathname === '/readyz') return await ready(parts.readiness);
  const refusal = refuse(watching, request, side);
  if (refusal) return refusal;
  return text(await parts.events.metrics.metrics(), parts.events.metrics.contentType);
}

/** Not an error of the hub's: whoever balances asks again and again while it is so. */
async function ready(readiness: Readiness): Promise<Response> {
  try {
    await readiness.check();
    return text('ready\n');
  } catch (error) {
    if (!(error instanceof CaisError)) throw error;
    return new Response(`not ready: ${error.message}\n`, {
      status: 503,
      headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store', 'Retry-After': retryAfter },
    });
  }
}

/** Metrics of an address of their own are nowhere else. */
function refuse(
  { metricsListen, metricsToken }: WatchingConfig,
  request: Request,
  side: OperationsSide,
): Response | undefined {
  if (metricsListen && side === 'public') return apiErrorResponse(new NotFoundError('not found'));
  if (metricsToken === undefined || isSame(bearerOf(request), metricsToken)) return undefined;
  const response = apiErrorResponse(
    new UnauthorizedError('the metrics want the token of CAIS_HUB_METRICS_TOKEN'),
  );
  response.headers.set('WWW-Authenticate', 'Bearer realm="metrics"');
  return response;
}

function bearerOf(request: Request): string {
  return /^bearer +(\S+)$/i.exec(request.headers.get('Authorization') ?? '')?.[1] ?? '';
}

/** In the same time, however much of it is right. */
function isSame(given: string, wanted: string): boolean {
  const hash = (value: string): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}

function text(body: string, contentType = 'text/plain'): Response {
  return new Response(body, { headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' } });
}
