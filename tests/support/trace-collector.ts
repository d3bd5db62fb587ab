/** A collector of traces for tests: takes OTLP over HTTP in JSON and keeps all of it. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
import { expect } from 'bun:test';
import { eventually } from './eventually.ts';

interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly service: unknown;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, 'attributes'> & {
        readonly attributes: readonly Attribute[];
      })[];
    }[];
  }[];
}

export class TraceCollector implements AsyncDisposable {
  readonly spans: CollectedSpan[] = [];
  /** Of the last export. */
  headers: Headers | undefined;
  readonly #server: Bun.Server<undefined>;

  constructor() {
    this.#server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => this.#take(request) });
  }

  /** A hub's, that sends its traces here. */
  get settings(): Readonly<Record<string, string>> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.port}` };
  }

  /** The last span of that name, once it is here. */
  async find(name: string, traceId?: string): Promise<CollectedSpan> {
    let found: CollectedSpan | undefined;
    await eventually(() => {
      found = this.spans.findLast(
        (span) => span.name === name && (traceId === undefined || span.traceId === traceId),
      );
      expect(found, name).toBeDefined();
    });
    return found as CollectedSpan;
  }

  async #take(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname !== '/v1/traces' || request.headers.get('Content-Type') !== 'application/json')
      return new Response(null, { status: 400 });
    this.headers = request.headers;
    for (const { resource, scopeSpans } of ((await request.json()) as Export).resourceSpans) {
      const service = valuesOf(resource.attributes)['service.name'];
      for (const span of scopeSpans.flatMap(({ spans }) => spans))
        this.spans.push({ ...span, attributes: valuesOf(span.attributes), service });
    }
    return Response.json({});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

function valuesOf(attributes: readonly Attribute[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
