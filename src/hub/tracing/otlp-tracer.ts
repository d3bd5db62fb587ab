/**
 * Traces by OpenTelemetry's own packages, sent as OTLP over HTTP in JSON; loaded only where a collector is named. Batches wait in
 * memory, a bounded number of spans: while the collector is away further ones are given up, and requests are none the slower.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import {
  type Context,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type SpanExporter,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingConfig } from '../watching/watching-config.ts';
import type { Span, SpanAttributes, Tracer } from './span.ts';

/** Spans in memory, and of one request to the collector. */
const [maxWaiting, maxBatch] = [4096, 512];
/** In milliseconds: until a batch is sent that is not full, and until a send is given up. */
const [sendAfter, sendTimeout] = [1000, 5000];
const lastWait = 1000;
const kinds = { client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

const propagator = new W3CTraceContextPropagator();
const headerGetter = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
};

/** @param sent told of every batch: how many spans, and whether the collector took them. */
export function openTracer(
  { endpoint, headers, service, sampled }: TracingConfig,
  sent: (spans: number, isTaken: boolean) => void,
): Tracer {
  const inner = new OTLPTraceExporter({ url: endpoint, headers: { ...headers }, timeoutMillis: sendTimeout });
  const exporter: SpanExporter = {
    export: (spans, done) =>
      inner.export(spans, (result) => {
        sent(spans.length, result.code === ExportResultCode.SUCCESS);
        done(result);
      }),
    shutdown: () => inner.shutdown(),
  };
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    // Whoever began the trace decides.
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampled) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: maxWaiting,
        maxExportBatchSize: maxBatch,
        scheduledDelayMillis: sendAfter,
        exportTimeoutMillis: sendTimeout,
      }),
    ],
  });
  const tracer = provider.getTracer('cais');
  const begin = (name: string, kind: SpanKind, parent: Context, attributes: SpanAttributes): Span => {
    const span = tracer.startSpan(name, { kind, attributes }, parent);
    return new OpenSpan(span, (child, childKind, childAttributes) =>
      begin(child, childKind, trace.setSpan(ROOT_CONTEXT, span), childAttributes),
    );
  };
  return {
    begin: (name, incoming) =>
      begin(name, SpanKind.SERVER, propagator.extract(ROOT_CONTEXT, incoming, headerGetter), {}),
    beginAlone: (name, attributes) => begin(name, SpanKind.INTERNAL, ROOT_CONTEXT, attributes),
    async [Symbol.asyncDispose]() {
      // Nobody waits longer for a collector that is away.
      await Promise.race([provider.shutdown().catch(() => undefined), Bun.sleep(lastWait)]);
    },
  };
}

class OpenSpan implements Span {
  readonly #span: OtelSpan;
  readonly #begin: (name: string, kind: SpanKind, attributes: SpanAttributes) => Span;

  constructor(span: OtelSpan, begin: (name: string, kind: SpanKind, attributes: SpanAttributes) => Span) {
    this.#span = span;
    this.#begin = begin;
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  child(name: string, kind: keyof typeof kinds, attributes: SpanAttributes = {}): Span {
    return this.#begin(name, kinds[kind], attributes);
  }

  rename(name: string): void {
    this.#span.updateName(name);
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  /** What an unexpected error says is for the log alone. */
  fail(error: unknown): void {
    const type = error instanceof Error ? error.name : 'Error';
    this.#span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', type);
  }

  end(): void {
    this.#span.end();
  }
}
