/** The tracer that the settings ask for. A hub that traces nothing loads no OpenTelemetry. */
import { Counter, type Registry } from 'prom-client';
import type { TracingConfig } from '../watching/watching-config.ts';
import type { Tracer } from './span.ts';

export async function openTracing(
  config: TracingConfig | undefined,
  metrics: Registry,
): Promise<Tracer | undefined> {
  if (!config) return undefined;
  const { openTracer } = await import('./otlp-tracer.ts');
  const spans = new Counter({
    name: 'cais_hub_trace_spans_total',
    help: 'Spans that the collector took, and that it did not.',
    labelNames: ['result'],
    registers: [metrics],
  });
  return openTracer(config, (count, isTaken) => spans.inc({ result: isTaken ? 'sent' : 'lost' }, count));
}
