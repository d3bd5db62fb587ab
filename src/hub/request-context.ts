/**
 * The request that is being answered, for what is written down about it however deep: the audit and the log name it, statements and
 * requests to others become spans of its trace. It needs not be handed through everything in between.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Identity } from './auth/actors.ts';
import type { Span, SpanAttributes, Tracer } from './tracing/span.ts';

export interface RequestContext {
  /** The one that the client gave, or one unlike any other's. */
  readonly id: string;
  /** Of the client. */
  readonly address: string;
  /** The hub's own address as the client sees it, without a slash at its end. */
  readonly origin: string;
  /** Who it turned out to be; undefined: nobody, or not known yet. */
  readonly identity: Identity | undefined;
  /** The pattern of its path: one of a bounded number, whatever clients ask for. */
  readonly route: string;
  /** How much of its body was read, in bytes. */
  readonly received: number;
}

interface Current {
  /** Undefined for what the hub does by itself. */
  readonly request: undefined | { -readonly [Key in keyof RequestContext]: RequestContext[Key] };
  /** What is being done of it; undefined where nobody traces. */
  readonly span: Span | undefined;
}

const storage = new AsyncLocalStorage<Current | undefined>();

/** Does `work` to answer the request: the context tells at its end what was found out. */
export function answering<Given extends readonly unknown[], T>(
  request: RequestContext,
  span: Span | undefined,
  work: (...given: Given) => T,
  ...given: Given
): T {
  return storage.run({ request, span }, work, ...given);
}

/** What the hub does by itself, although a request has begun it. */
export function byItself<T>(work: () => T): T {
  return storage.run(undefined, work);
}

/** Does `work`, which nobody waits for, as a trace of its own. */
export type TraceAlone = <T>(name: string, attributes: SpanAttributes, work: () => Promise<T>) => Promise<T>;

export function traceAlone(tracer: Tracer | undefined): TraceAlone {
  return (name, attributes, work) => {
    if (!tracer) return byItself(work);
    const span = tracer.beginAlone(name, attributes);
    return within({ request: undefined, span }, span, work);
  };
}

/** Undefined where no request is answered: at the shell, and when the hub does something by itself. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore()?.request;
}

/** Somebody has proved who they are. */
export function identified(identity: Identity | undefined): void {
  const request = storage.getStore()?.request;
  if (request && identity) request.identity = identity;
}

/** @param pattern of the path. */
export function noteRoute(pattern: string): void {
  const request = storage.getStore()?.request;
  if (request) request.route = pattern;
}

/** Bytes of the body that were read. */
export function noteReceived(bytes: number): void {
  const request = storage.getStore()?.request;
  if (request) request.received += bytes;
}

/** What the log tells of the request with every line that is written for it. */
export function requestFacts(): { readonly request_id?: string; readonly trace_id?: string } {
  const current = storage.getStore();
  if (!current) return {};
  const { request, span } = current;
  return { ...(request && { request_id: request.id }), ...(span && { trace_id: span.traceId }) };
}

/** Of what is being done; undefined where nobody traces. */
export function currentSpan(): Span | undefined {
  return storage.getStore()?.span;
}

/** Does `work` as a span of its own, to which belongs what `work` begins. */
export function traced<Given extends readonly unknown[], T>(
  name: string,
  work: (...given: Given) => Promise<T>,
  ...given: Given
): Promise<T> {
  const current = storage.getStore();
  const span = current?.span?.child(name, 'internal');
  return current && span ? within({ ...current, span }, span, () => work(...given)) : work(...given);
}

async function within<T>(current: Current, span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await storage.run(current, work);
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
