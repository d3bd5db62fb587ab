/** Requests in numbers: how many, how long, how large; by method, route and status, of which there is a bounded number each. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Of one kind of answer, looked up once: this runs for every request. */
interface Series {
  readonly requests: Counter.Internal;
  readonly seconds: Histogram.Internal<string>;
}

export interface AnsweredRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** In seconds, until its body began to be sent. */
  readonly seconds: number;
  /** Of the bodies, in bytes. */
  readonly received: number;
  readonly sent: number;
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export class RequestMetrics {
  readonly #requests: Counter;
  readonly #seconds: Histogram;
  readonly #received: Counter;
  readonly #sent: Counter;
  readonly #open: Gauge;
  readonly #series = new Map<string, Series>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'cais_hub_requests_total',
      help: 'Requests that were answered, by method, pattern of the address and status.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'cais_hub_request_duration_seconds',
      help: 'From the head of a request to the head of its answer; a body that is sent takes its time after it.',
      labelNames: ['method', 'route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
      registers,
    });
    this.#received = new Counter({
      name: 'cais_hub_received_bytes_total',
      help: 'Bytes of the bodies of requests.',
      registers,
    });
    this.#sent = new Counter({
      name: 'cais_hub_sent_bytes_total',
      help: 'Bytes of the bodies of answers, as announced: a client that goes away before the end counts in full.',
      registers,
    });
    this.#open = new Gauge({
      name: 'cais_hub_requests_open',
      help: 'Requests that wait for the head of their answer.',
      registers,
    });
  }

  begin(): void {
    this.#open.inc();
  }

  end({ method, route, status, seconds, received, sent }: AnsweredRequest): void {
    this.#open.dec();
    const series = this.#seriesOf(methods.has(method) ? method : 'other', route, status);
    series.requests.inc();
    series.seconds.observe(seconds);
    if (received > 0) this.#received.inc(received);
    if (sent > 0) this.#sent.inc(sent);
  }

  #seriesOf(method: string, route: string, status: number): Series {
    const key = `${method} ${status} ${route}`;
    const known = this.#series.get(key);
    if (known) return known;
    const series = {
      requests: this.#requests.labels({ method, route, status: String(status) }),
      seconds: this.#seconds.labels({ method, route }),
    };
    this.#series.set(key, series);
    return series;
  }
}
