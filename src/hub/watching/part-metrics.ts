/** What the hub's parts know of themselves, asked when the metrics are read. */
import { Counter, type Registry } from 'prom-client';
import type { HubDatabase } from '../db/database.ts';
import type { Events } from '../events.ts';
import type { LiveFeeds } from '../live/live-feeds.ts';
import type { Arrivals } from '../registry/arrivals.ts';
import type { GarbageCollector } from '../registry/garbage-collector.ts';
import type { PullCounter } from '../repositories/pull-counter.ts';
import { gauge, gauges } from '../../lib/metrics/gauge.ts';

export interface MeasuredParts {
  readonly database: HubDatabase;
  readonly arrivals: Arrivals;
  readonly pulls: PullCounter;
  readonly liveFeeds: LiveFeeds;
  readonly collector: GarbageCollector;
  readonly events: Events;
}

export function collectPartMetrics(parts: MeasuredParts): void {
  const { events, database } = parts;
  const { metrics } = events;
  gauge(
    metrics,
    'cais_hub_uploads_open',
    'Bodies of blobs that are being received.',
    () => parts.arrivals.count,
  );
  gauge(
    metrics,
    'cais_hub_live_streams',
    'Pages that are told at once what happens.',
    () => parts.liveFeeds.count,
  );
  const queue = {
    name: 'cais_hub_queue_length',
    help: 'What waits in memory to be written to the database, by queue.',
    label: 'queue',
  };
  gauges(metrics, queue, () => ({ pulls: parts.pulls.waiting }));
  collectGarbageMetrics(metrics, parts);
  if (database.load) collectConnections(metrics, database);
}

function collectGarbageMetrics(metrics: Registry, { collector, events }: MeasuredParts): void {
  const running = (): number => (collector.current ? 1 : 0);
  gauge(metrics, 'cais_hub_collection_running', '1 while garbage is being collected.', running);
  const ended = new Counter({
    name: 'cais_hub_collections_total',
    help: 'Collections of garbage that this copy has run, by how they ended.',
    labelNames: ['result'],
    registers: [],
    collect() {
      this.reset();
      this.inc({ result: 'done' }, collector.runs.done);
      this.inc({ result: 'failed' }, collector.runs.failed);
    },
  });
  metrics.registerMetric(ended);
  const removed = new Counter({
    name: 'cais_hub_collected_bytes_total',
    help: 'Bytes of blobs that were removed as garbage.',
    registers: [metrics],
  });
  events.listen((event) => {
    if (event.kind === 'garbage-collected') removed.inc(event.bytes);
  });
}

function collectConnections(metrics: Registry, database: HubDatabase): void {
  const connections = {
    name: 'cais_hub_database_connections',
    help: 'Connections to PostgreSQL by state; max is how many there may be.',
    label: 'state',
  };
  gauges(metrics, connections, () => {
    const { inUse = 0, idle = 0, max = 0 } = database.load ?? {};
    return { in_use: inUse, idle, max };
  });
  const waiting = {
    name: 'cais_hub_database_waiting',
    help: 'Work that waits for a connection, or for its turn to write.',
    label: 'for',
  };
  gauges(metrics, waiting, () => {
    const { waiting: connection = 0, waitingToWrite: write = 0 } = database.load ?? {};
    return { connection, write };
  });
}
