/**
 * Watches every request from its head to the head of its answer: a name that client, log and collector know it by, the metrics, a
 * line in the log, and its span where traces are collected.
 */
import type { Registry } from 'prom-client';
import type { Log } from '../../lib/log.ts';
import type { Span, Tracer } from '../tracing/span.ts';
import type { RequestContext } from '../request-context.ts';
import { type AnsweredRequest, RequestMetrics } from './request-metrics.ts';

interface Options {
  readonly metrics: Registry;
  readonly log: Log;
  readonly tracer: Tracer | undefined;
}

/** A request that waits for its answer. */
interface WatchedRequest {
  readonly request: Request;
  /** As it came, without the query: that may hold secrets. */
  readonly path: string;
  readonly context: RequestContext;
  /** Undefined where nobody traces. */
  readonly span: Span | undefined;
  /** By `performance.now()`. */
  readonly begun: number;
}

/** Nothing that a line of a log or a header would read otherwise. */
const idForm = /^[\w.:+/=-]{1,128}$/;
/** Asked all the time by programs, and of no interest. */
const quietRoutes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

export class RequestWatch {
  readonly #log: Log;
  readonly #tracer: Tracer | undefined;
  readonly #metrics: RequestMetrics;

  constructor({ metrics, log, tracer }: Options) {
    this.#log = log;
    this.#tracer = tracer;
    this.#metrics = new RequestMetrics(metrics);
  }

  /** @param path as it came, without the query. */
  begin(
    request: Request,
    path: string,
    { address, origin }: Pick<RequestContext, 'address' | 'origin'>,
  ): WatchedRequest {
    this.#metrics.begin();
    const id = idOf(request.headers.get('X-Request-Id'));
    return {
      request,
      path,
      context: { id, address, origin, identity: undefined, route: 'other', received: 0 },
      span: this.#tracer?.begin(request.method, request.headers),
      begun: performance.now(),
    };
  }

  /** Once for each that began. @returns the answer to send, which says whose it is. */
  async end(watched: WatchedRequest, answer: Response): Promise<Response> {
    const { request, context, span } = watched;
    const response = hasUnknownLength(request, answer) ? await withLength(answer) : answer;
    const { headers, status } = response;
    headers.set('X-Request-Id', context.id);
    if (span && status >= 400) headers.set('X-Trace-Id', span.traceId);
    const facts = {
      method: request.method,
      route: context.route,
      status,
      seconds: (performance.now() - watched.begun) / 1000,
      received: bytesOf(request, context),
      sent: request.method === 'HEAD' ? 0 : Number(headers.get('Content-Length')),
    };
    this.#metrics.end(facts);
    if (!quietRoutes.has(context.route) && this.#log.isLevelEnabled('info')) this.#tell(watched, facts);
    if (span) end(span, watched, facts);
    return response;
  }

  /** What is undefined is not in the line. */
  #tell({ context, path, span }: WatchedRequest, facts: AnsweredRequest): void {
    const { method, route, status, seconds, received, sent } = facts;
    this.#log.info(
      {
        method,
        path: path.slice(0, maxPath),
        route,
        status,
        ms: Math.round(seconds * 1e5) / 100,
        received,
        sent,
        address: context.address,
        account: context.identity?.account.name,
        request_id: context.id,
        trace_id: span?.traceId,
      },
      'request',
    );
  }
}

/** Of a path in the log. */
const maxPath = 512;

function idOf(given: string | null): string {
  return given !== null && idForm.test(given) ? given : crypto.randomUUID();
}

/** What was read of the body, or was announced and read by others. */
function bytesOf({ method, headers }: Request, { received }: RequestContext): number {
  if (received > 0 || method === 'GET' || method === 'HEAD') return received;
  return Number(headers.get('Content-Length') ?? 0);
}

/** JSON is made as a whole; with its length known it can be counted. */
function hasUnknownLength({ method }: Request, { headers, status }: Response): boolean {
  if (headers.has('Content-Length') || method === 'HEAD' || status === 304) return false;
  return headers.get('Content-Type')?.startsWith('application/json') === true;
}

async function withLength(response: Response): Promise<Response> {
  const { headers, status } = response;
  const body = await response.arrayBuffer();
  headers.set('Content-Length', String(body.byteLength));
  return new Response(body, { status, headers });
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
function end(span: Span, { context, path }: WatchedRequest, facts: AnsweredRequest): void {
  const { method, route, status } = facts;
  span.rename(`${method} ${route}`);
  span.set({
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
    'url.path': path.slice(0, maxPath),
    'client.address': context.address,
    'cais.request_id': context.id,
    ...(context.identity && { 'enduser.id': context.identity.account.name }),
  });
  if (status >= 500) span.fail(undefined);
  span.end();
}
