/** What there is on this engine, looked at when the metrics are read: nothing is counted meanwhile. */
import { statfsSync } from 'node:fs';
import { availableParallelism, machine, release, totalmem } from 'node:os';
import { Counter, Gauge, type Registry } from 'prom-client';
import { gauge, gauges } from '../../lib/metrics/gauge.ts';
import type { HealthMonitor } from '../containers/health/health-monitor.ts';
import type { Dependencies } from '../open-stores.ts';
import { osName, osRelease } from '../system/info.ts';

export type MeasuredParts = Pick<
  Dependencies,
  'containers' | 'events' | 'images' | 'snapshots' | 'system'
> & {
  readonly health: Pick<HealthMonitor, 'probes'>;
};

export function collectStateMetrics(registry: Registry, parts: MeasuredParts): void {
  collectHost(registry, parts);
  collectContainers(registry, parts);
  collectDisk(registry, parts);
  total(
    registry,
    'engine_daemon_events_total',
    'Events since the engine was started.',
    () => parts.events.published,
  );
  // Docker's name, although it goes down, too.
  gauge(
    registry,
    'engine_daemon_events_subscribers_total',
    'Clients that follow the events.',
    () => parts.events.clients,
  );
}

function collectHost(registry: Registry, { system, images }: MeasuredParts): void {
  const labels = {
    version: system.version,
    commit: '',
    architecture: machine(),
    graphdriver: 'overlay2',
    kernel: release(),
    os: osName(),
    os_type: 'linux',
    os_version: osRelease('VERSION_ID'),
    daemon_id: system.id,
  };
  const info = new Gauge({
    name: 'engine_daemon_engine_info',
    help: 'Always 1: what runs, and on what, is in the labels.',
    labelNames: Object.keys(labels) as (keyof typeof labels)[],
    registers: [registry],
  });
  info.set(labels, 1);
  gauge(registry, 'engine_daemon_engine_cpus_cpus', 'Processors of the machine.', availableParallelism);
  gauge(registry, 'engine_daemon_engine_memory_bytes', 'Memory of the machine.', totalmem);
  gauge(registry, 'cais_engine_images', 'Images on this machine.', () => images.list().length);
}

function collectContainers(registry: Registry, { containers, health }: MeasuredParts): void {
  const states = {
    name: 'engine_daemon_container_states_containers',
    help: 'Containers by state; what does not run is stopped, also before it ever ran.',
    label: 'state',
  };
  gauges(registry, states, () => {
    const counts = { running: 0, paused: 0, stopped: 0 };
    for (const { state } of containers.list()) {
      if (state.status === 'running' || state.status === 'paused') counts[state.status]++;
      else counts.stopped++;
    }
    return counts;
  });
  total(
    registry,
    'engine_daemon_health_checks_total',
    'Health checks that were run.',
    () => health.probes.all,
  );
  total(
    registry,
    'engine_daemon_health_checks_failed_total',
    'Health checks that did not end with 0.',
    () => health.probes.failed,
  );
}

function collectDisk(registry: Registry, { snapshots, system }: MeasuredParts): void {
  gauge(
    registry,
    'cais_engine_layers',
    'Layers of images and of the build cache.',
    () => snapshots.layersUse().count,
  );
  gauge(
    registry,
    'cais_engine_layers_bytes',
    'Bytes of the files in layers, each layer once.',
    () => snapshots.layersUse().bytes,
  );
  const disk = {
    name: 'cais_engine_disk_bytes',
    help: 'The file system of the data directory: its size, and what of it is free.',
    label: 'part',
  };
  gauges(registry, disk, () => {
    const { blocks, bavail, bsize } = statfsSync(system.dataDirectory);
    return { size: blocks * bsize, free: bavail * bsize };
  });
}

/** What somebody else counts. */
function total(registry: Registry, name: string, help: string, read: () => number): void {
  const made = new Counter({
    name,
    help,
    registers: [],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
  registry.registerMetric(made);
}
