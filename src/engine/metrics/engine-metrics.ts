/** All that the engine counts, and how it is read. Loaded only where it is. */
import { Registry } from 'prom-client';
import { collectProcessMetrics } from '../../lib/metrics/process-metrics.ts';
import { ActionMetrics } from './action-metrics.ts';
import { collectStateMetrics, type MeasuredParts } from './state-metrics.ts';

export class EngineMetrics implements Disposable {
  readonly #registry = new Registry();
  readonly #process: Disposable;
  readonly actions: ActionMetrics;

  /** @param version of the program. */
  constructor(parts: MeasuredParts, version: string) {
    this.#process = collectProcessMetrics(this.#registry, 'cais_engine', version);
    this.actions = new ActionMetrics(this.#registry);
    collectStateMetrics(this.#registry, parts);
  }

  /** `/metrics`, and nothing else. */
  async answer({ method, url }: Request): Promise<Response> {
    if (new URL(url).pathname !== '/metrics') return new Response('not found\n', { status: 404 });
    if (method !== 'GET' && method !== 'HEAD') return new Response('GET only\n', { status: 405 });
    return new Response(await this.#registry.metrics(), {
      headers: { 'Content-Type': this.#registry.contentType, 'Cache-Control': 'no-store' },
    });
  }

  [Symbol.dispose](): void {
    this.#process[Symbol.dispose]();
  }
}
