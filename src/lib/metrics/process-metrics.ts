/**
 * What the process itself takes, by the names that dashboards know, and how late its one thread comes to what is to be done.
 * prom-client's own collection counts much that Bun does not have.
 */
import { readdirSync } from 'node:fs';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { gauge } from './gauge.ts';

/** In milliseconds: between two looks at how late the event loop is. */
const lookEvery = 500;
/** In seconds: that of a timer which is exactly in time. */
const lagBuckets = [0.002, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Disposing stops it. @param part of cais: `cais_hub`. @param version of the program. */
export function collectProcessMetrics(registry: Registry, part: string, version: string): Disposable {
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge(
    registry,
    'process_start_time_seconds',
    'When the process was started, in seconds since 1970.',
    () => startedAt,
  );
  gauge(registry, 'process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge(registry, 'process_open_fds', 'Open file descriptors.', () => readdirSync('/proc/self/fd').length);
  const processor = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time, of the system and the user.',
    registers: [],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  const build = new Gauge({
    name: `${part}_build_info`,
    help: 'Always 1: what is running is in the labels.',
    labelNames: ['version', 'runtime'],
    registers: [],
  });
  build.set({ version, runtime: `bun ${Bun.version}` }, 1);
  registry.registerMetric(processor);
  registry.registerMetric(build);
  return watchEventLoop(registry, part);
}

function watchEventLoop(registry: Registry, part: string): Disposable {
  const lag = new Histogram({
    name: `${part}_event_loop_lag_seconds`,
    help: 'How late a timer of half a second comes: what every request waits for.',
    buckets: lagBuckets,
    registers: [registry],
  });
  let expected = performance.now() + lookEvery;
  const timer = setInterval(() => {
    lag.observe(Math.max(performance.now() - expected, 0) / 1000);
    expected = performance.now() + lookEvery;
  }, lookEvery);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
