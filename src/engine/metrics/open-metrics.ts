/**
 * Metrics for Prometheus at an address of their own, as docker's daemon has them: plain HTTP, and only where `--metrics-addr` says
 * so. An engine that is not watched loads nothing of it.
 */
import { UnavailableError, messageOf } from '../../lib/errors.ts';
import type { EngineConfig } from '../config.ts';
import { type EngineWatch, unwatched } from './engine-watch.ts';
import type { MeasuredParts } from './state-metrics.ts';

/** @param started ends it. @throws UnavailableError when the port is taken. */
export async function openMetrics(
  { metricsAddress, version }: EngineConfig,
  parts: MeasuredParts,
  started: AsyncDisposableStack,
): Promise<EngineWatch> {
  if (!metricsAddress) return unwatched;
  const { EngineMetrics } = await import('./engine-metrics.ts');
  const metrics = started.use(new EngineMetrics(parts, version));
  const server = listen(metricsAddress, (request) => metrics.answer(request));
  started.defer(() => server.stop(true));
  return metrics.actions;
}

function listen(
  { hostname, port }: NonNullable<EngineConfig['metricsAddress']>,
  fetch: (request: Request) => Promise<Response>,
): Bun.Server<undefined> {
  try {
    return Bun.serve({ hostname, port, fetch });
  } catch (error) {
    throw new UnavailableError(
      `cannot serve metrics at ${hostname}:${port} (--metrics-addr): ${messageOf(error)}`,
      { cause: error },
    );
  }
}
