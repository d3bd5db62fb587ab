/**
 * Watches every request from its head to the head of its answer: a name that client, log and collector know it by, the metrics, a
 * line in the log, and its span where traces are collected.
 */
import type { Registry } from 'prom-client';
import type { Log } from '../../lib/log.ts';
import type { Span, Tracer } from '../tracing/span.ts';
import { answering, type RequestContext } from '../request-context.ts';
import { RequestMetrics } from './request-metrics.ts';

interface Options {
  readonly metrics: Registry;
  readonly log: Log;
  readonly tracer: Tracer | undefined;
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

  /**
   * @param path as it came, without the query: that may hold secrets.
   * @param answer never throws.
   */
  async answer(
    request: Request,
    path: string,
    client: Pick<RequestContext, 'address' | 'origin'>,
    answer: () => Promise<Response>,
  ): Promise<Response> {
    const begun = performance.now();
    this.#metrics.begin();
    const span = this.#tracer?.begin(request.method, request.headers);
    const id = idOf(request.headers.get('X-Request-Id'));
    const { record, answered } = await answering({ id, ...client, span }, async (context) => ({
      record: context,
      answered: await answer(),
    }));
    const { response, length } = await measured(request, answered);
    response.headers.set('X-Request-Id', record.id);
    if (span && response.status >= 400) response.headers.set('X-Trace-Id', span.traceId);
    const facts = {
      method: request.method,
      route: record.route,
      status: response.status,
      seconds: (performance.now() - begun) / 1000,
      received: bytesOf(request, record),
      sent: request.method === 'HEAD' ? 0 : length,
    };
    this.#metrics.end(facts);
    if (!quietRoutes.has(record.route)) this.#tell(record, facts, path, span);
    if (span) end(span, record, facts, path);
    return response;
  }

  #tell(record: RequestContext, facts: Answered, path: string, span: Span | undefined): void {
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
        address: record.address,
        ...(record.identity && { account: record.identity.account.name }),
        request_id: record.id,
        ...(span && { trace_id: span.traceId }),
      },
      'request',
    );
  }
}

type Answered = Parameters<RequestMetrics['end']>[0];

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
async function measured(
  { method }: Request,
  response: Response,
): Promise<{ readonly response: Response; readonly length: number }> {
  const { headers, status } = response;
  const announced = headers.get('Content-Length');
  if (announced !== null) return { response, length: Number(announced) };
  const isJson = headers.get('Content-Type')?.startsWith('application/json') === true;
  if (!isJson || method === 'HEAD' || status === 304) return { response, length: 0 };
  const body = await response.arrayBuffer();
  const length = body.byteLength;
  headers.set('Content-Length', String(length));
  return { response: new Response(body, { status, headers }), length };
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
function end(span: Span, record: RequestContext, facts: Answered, path: string): void {
  const { method, route, status } = facts;
  span.rename(`${method} ${route}`);
  span.set({
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
    'url.path': path.slice(0, maxPath),
    'client.address': record.address,
    'cais.request_id': record.id,
    ...(record.identity && { 'enduser.id': record.identity.account.name }),
  });
  if (status >= 500) span.fail(undefined);
  span.end();
}
