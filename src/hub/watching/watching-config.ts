/** Settings of who watches the hub: where metrics are, what is slow, where traces go. Part of config.ts. */
import { InvalidError } from '../../lib/errors.ts';
import { type ListenAddress, readListenAddress } from '../listen-address.ts';
import { settingReader } from '../setting-reader.ts';

export interface WatchingFlags {
  readonly metricsListen?: string | undefined;
  readonly slowQuery?: string | undefined;
  readonly otlp?: string | undefined;
}

export interface WatchingConfig {
  /** An address of their own for metrics and states; undefined: the hub's. */
  readonly metricsListen: ListenAddress | undefined;
  /** What who reads the metrics has to know; undefined: everybody may. */
  readonly metricsToken: string | undefined;
  /** In milliseconds: statements that take as long are logged; undefined: none. */
  readonly slowQuery: number | undefined;
  /** Undefined: nothing is traced. */
  readonly tracing: TracingConfig | undefined;
}

export interface TracingConfig {
  /** Where OTLP takes traces by HTTP: `http://127.0.0.1:4318/v1/traces`. */
  readonly endpoint: string;
  /** What the collector wants to see, keys among it. */
  readonly headers: Readonly<Record<string, string>>;
  /** What these traces are of. */
  readonly service: string;
  /** The share of requests that nobody else has begun a trace for: 0 to 1. */
  readonly sampled: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const minTokenLength = 16;

/** @throws InvalidError naming the flag or the variable that is wrong. */
export function readWatchingConfig(flags: WatchingFlags, env: Environment): WatchingConfig {
  const read = settingReader(env);
  const slow = read('--slow-query', 'CAIS_HUB_SLOW_QUERY', flags.slowQuery, readSlow) ?? 1000;
  const token = env['CAIS_HUB_METRICS_TOKEN'] || undefined;
  if (token !== undefined && token.length < minTokenLength) {
    throw new InvalidError(
      `CAIS_HUB_METRICS_TOKEN is too short: at least ${minTokenLength} characters are expected`,
    );
  }
  return {
    metricsListen: read(
      '--metrics-listen',
      'CAIS_HUB_METRICS_LISTEN',
      flags.metricsListen || undefined,
      readListenAddress,
    ),
    metricsToken: token,
    slowQuery: slow === 'none' ? undefined : slow,
    tracing: readTracing(flags.otlp, env),
  };
}

function readSlow(text: string): number | 'none' {
  if (text === 'none') return 'none';
  const match = /^(\d{1,6})(ms|s)$/.exec(text);
  if (match) return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
  throw new InvalidError('a time like 200ms or 2s is expected, or none');
}

/** The variables are OpenTelemetry's. https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
function readTracing(flag: string | undefined, env: Environment): TracingConfig | undefined {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none')
    return undefined;
  const base = flag ?? (env['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined);
  const own = flag === undefined ? env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || undefined : undefined;
  if (base === undefined && own === undefined) return undefined;
  const endpoint = own ?? `${base?.replace(/\/+$/, '')}/v1/traces`;
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new InvalidError(
      'invalid value for --otlp (OTEL_EXPORTER_OTLP_ENDPOINT): an address like http://127.0.0.1:4318 is expected',
    );
  }
  return {
    endpoint,
    headers: readHeaders(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] ?? env['OTEL_EXPORTER_OTLP_HEADERS'] ?? ''),
    service: env['OTEL_SERVICE_NAME'] || 'cais-hub',
    sampled: readShare(env['OTEL_TRACES_SAMPLER_ARG'] || '1'),
  };
}

/** `name=value,name=value`, with values escaped as in an address. They are not told again: keys are among them. */
function readHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
    const [, name, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) {
      throw new InvalidError('invalid OTEL_EXPORTER_OTLP_HEADERS: name=value,name=value is expected');
    }
    headers[name] = unescaped(value);
  }
  return headers;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readShare(text: string): number {
  const share = Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidError('invalid OTEL_TRACES_SAMPLER_ARG: a share from 0 to 1 is expected');
}
