/** What watches a hub from its start to its end. */
import type { Log } from '../../lib/log.ts';
import { collectProcessMetrics } from '../../lib/metrics/process-metrics.ts';
import type { HubConfig } from '../config.ts';
import type { Events } from '../events.ts';
import { type TraceAlone, traceAlone } from '../request-context.ts';
import { openTracing } from '../tracing/open-tracing.ts';
import { RequestWatch } from './request-watch.ts';

interface Options {
  readonly events: Events;
  readonly log: Log;
  /** Of the program. */
  readonly version: string;
}

export interface Watch {
  readonly requests: RequestWatch;
  readonly traceAlone: TraceAlone;
}

/** @param stack ends with the hub. */
export async function openWatch(
  { tracing }: HubConfig['watching'],
  { events: { metrics }, log, version }: Options,
  stack: AsyncDisposableStack,
): Promise<Watch> {
  stack.use(collectProcessMetrics(metrics, 'cais_hub', version));
  const tracer = stack.use(await openTracing(tracing, metrics));
  return { requests: new RequestWatch({ metrics, log, tracer }), traceAlone: traceAlone(tracer) };
}
