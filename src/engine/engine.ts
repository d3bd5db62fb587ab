/**
 * The engine, put together: stores, networks, containers and the API on its sockets. bin/cais.ts calls createEngine and
 * disposes of what it gets; containers run on afterwards.
 */
import { hostname } from 'node:os';
import type { Log } from '../lib/log.ts';
import { archiveRoutes } from './api/archives.ts';
import { buildPruneRoutes } from './api/build-prune.ts';
import { buildRoutes } from './api/build.ts';
import { containerRoutes } from './api/containers.ts';
import { containerStreamRoutes } from './api/container-streams.ts';
import { eventRoutes } from './api/events.ts';
import { execRoutes } from './api/exec.ts';
import { imageSetRoutes } from './api/image-sets.ts';
import { imageArchiveRoutes } from './api/image-archives.ts';
import { imageRoutes } from './api/images.ts';
import { networkRoutes } from './api/networks.ts';
import { ApiServer } from './api/server.ts';
import { systemRoutes } from './api/system.ts';
import { unservedRoutes } from './api/unserved.ts';
import { volumeRoutes } from './api/volumes.ts';
import { sweepBuilds } from './build/sweep.ts';
import type { EngineConfig } from './config.ts';
import { attributesOf } from './containers/container-event.ts';
import { HealthMonitor } from './containers/health/health-monitor.ts';
import { LogRotation } from './containers/logs/log-rotation.ts';
import { type Dependencies, openStores } from './open-stores.ts';
import type { EngineWatch } from './metrics/engine-watch.ts';
import { openMetrics } from './metrics/open-metrics.ts';
import { recoverContainers } from './containers/recover.ts';
import { Supervisor } from './containers/supervise.ts';
import { type ReloadableConfig } from './reloadable-config.ts';
import { whileStill } from './containers/pause.ts';
import { IdleMemory } from './idle-memory.ts';
import { collectLeftovers } from './images/collect.ts';
import { ConfigFetcher } from './images/config-fetcher.ts';
import type { EmitImageEvent } from './images/registry-access.ts';

/** A running engine. Disposing closes its sockets and stores. */
export interface Engine extends AsyncDisposable {
  readonly hosts: readonly string[];
  /** Takes other settings while it runs. */
  reload(next: ReloadableConfig): void;
}

/**
 * Recovers what an earlier engine left, then listens.
 * @param socket one that listens already, in place of a unix host's of ours.
 * @throws ConflictError when another engine runs here.
 */
export async function createEngine(config: EngineConfig, log: Log, socket?: number): Promise<Engine> {
  await using started = new AsyncDisposableStack();
  const deps = await openStores(config, log, started);
  const supervisor = started.use(new Supervisor(deps));
  const health = started.use(new HealthMonitor(deps));
  const logs = started.use(new LogRotation(deps));
  await recoverContainers(deps, supervisor);
  health.resume();
  logs.resume();
  await deps.cacheMounts.recover();
  await collectLeftovers(deps.images);
  await sweepBuilds(deps);
  const memory = started.use(new IdleMemory());
  const watch = await openMetrics(config, { ...deps, health }, started);
  const server = started.use(
    new ApiServer({
      routes: routesOf(config, deps, watch),
      version: config.version,
      log,
      onRequest: () => memory.touch(),
    }),
  );
  for (const conflict of config.conflicts) log.warn(conflict);
  const given = socket === undefined ? undefined : config.hosts.find((host) => host.startsWith('unix:'));
  for (const host of config.hosts) {
    if (socket !== undefined && host === given) await server.listenOn(socket);
    else await server.listen(host, config.tls);
  }
  log.info({ hosts: config.hosts }, 'the engine is listening');
  // Starting has left something, too.
  memory.touch();
  const lifetime = started.move();
  return {
    hosts: config.hosts,
    reload: (next) => reload(deps, next),
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}

function reload({ settings, events, system, log }: Dependencies, next: ReloadableConfig): void {
  settings.replace(next);
  if (next.isDebug) log.level = 'debug';
  events.publish('daemon', 'reload', system.id, {
    debug: String(next.isDebug),
    'insecure-registries': JSON.stringify(next.insecureRegistries),
    labels: JSON.stringify(next.labels),
    name: hostname(),
  });
  log.info({ settings: next }, 'the settings were read again');
}

export function routesOf(
  config: EngineConfig,
  deps: Dependencies,
  watch: EngineWatch,
): ConstructorParameters<typeof ApiServer>[0]['routes'] {
  const { events, containers, images, layers } = deps;
  const emit: EmitImageEvent = (action, subject, attributes) =>
    events.publish('image', action, subject, attributes);
  const configs = new ConfigFetcher();
  const hosts = {
    hub: config.hub,
    get insecureRegistries() {
      return deps.settings.current.insecureRegistries;
    },
  };
  return [
    ...containerRoutes({ ...deps, watch }),
    ...containerStreamRoutes(deps),
    ...archiveRoutes(deps),
    ...execRoutes(deps),
    ...systemRoutes(deps),
    ...buildPruneRoutes(deps),
    ...eventRoutes(events),
    ...volumeRoutes(deps),
    ...networkRoutes(deps),
    ...imageRoutes({
      images,
      layers,
      configs,
      containers,
      hosts,
      emit,
      watch,
      self: config.self,
      whileStill: ({ id }, read) => whileStill(deps, id, read),
      onCommit: (container, attributes) =>
        events.publish('container', 'commit', container.id, attributesOf(container, attributes)),
    }),
    ...buildRoutes({ ...deps, configs, hosts, emit, watch }),
    ...imageSetRoutes({ ...deps, configs, hosts, emit }),
    ...imageArchiveRoutes({ images, layers, containers, emit, self: config.self }),
    ...unservedRoutes(),
  ];
}
