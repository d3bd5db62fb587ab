/** A piece of work with a beginning and an end, within a trace: what the hub knows of OpenTelemetry. */

export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent: string;
  /** @param kind `client`: somebody else does it, a database, a store, another server. */
  child(name: string, kind: 'client' | 'internal', attributes?: SpanAttributes): Span;
  /** For what is known by its end only. */
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  fail(error: unknown): void;
  end(): void;
}

/** Where spans go to. Disposing sends what is left. */
export interface Tracer extends AsyncDisposable {
  /** Of a request that came in. @param headers those that tell of the trace that it belongs to. */
  begin(name: string, headers: Headers): Span;
  /** Of what the hub does by itself: a trace of its own. */
  beginAlone(name: string, attributes: SpanAttributes): Span;
}
