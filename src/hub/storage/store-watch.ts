/** Times the requests to an object store, for the metrics and for the trace of whoever waits for them. */
import { Counter, Histogram, type Registry } from 'prom-client';
import { currentSpan } from '../request-context.ts';

export class StoreWatch {
  readonly #requests: Counter<'method' | 'status'>;
  readonly #seconds: Histogram<'method'>;
  readonly #retries: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'cais_hub_store_requests_total',
      help: 'Requests to the blob store, by method and the status of the answer; none where nothing was answered.',
      labelNames: ['method', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'cais_hub_store_request_seconds',
      help: 'From a request to the blob store to the head of its answer.',
      labelNames: ['method'],
      buckets: [0.002, 0.005, 0.02, 0.05, 0.2, 0.5, 2, 10, 60],
      registers,
    });
    this.#retries = new Counter({
      name: 'cais_hub_store_retries_total',
      help: 'Requests to the blob store that were sent again, since the one before had failed.',
      registers,
    });
  }

  /** @param key of the object; null: the bucket. */
  async run(method: string, key: string | null, send: () => Promise<Response>): Promise<Response> {
    const begun = performance.now();
    const span = currentSpan()?.child(`store ${method}`, 'client', {
      'http.request.method': method,
      'cais.store.key': key ?? '',
    });
    let status = 'none';
    try {
      const response = await send();
      status = String(response.status);
      span?.set({ 'http.response.status_code': response.status });
      return response;
    } catch (error) {
      span?.fail(error);
      throw error;
    } finally {
      this.#requests.inc({ method, status });
      this.#seconds.observe({ method }, (performance.now() - begun) / 1000);
      span?.end();
    }
  }

  retried(): void {
    this.#retries.inc();
  }
}
