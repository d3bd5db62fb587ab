/**
 * The engine, put together: stores, networks, containers and the API on its sockets. bin/cais.ts calls createEngine and
 * disposes of what it gets; containers run on afterwards.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { writeFileAtomic } from '../lib/atomic-file.ts';
import { DiskContentStore } from '../oci/content/disk-content-store.ts';
import { archiveRoutes } from './api/archives.ts';
import { containerRoutes } from './api/containers.ts';
import { containerStreamRoutes } from './api/container-streams.ts';
import { eventRoutes } from './api/events.ts';
import { execRoutes } from './api/exec.ts';
import { imageArchiveRoutes } from './api/image-archives.ts';
import { imageRoutes } from './api/images.ts';
import { networkRoutes } from './api/networks.ts';
import { ApiServer } from './api/server.ts';
import { systemRoutes, type SystemRouteDependencies } from './api/system.ts';
import { unservedRoutes } from './api/unserved.ts';
import { volumeRoutes } from './api/volumes.ts';
import type { EngineConfig } from './config.ts';
import { attributesOf } from './containers/container-event.ts';
import { ContainerPaths } from './containers/container-paths.ts';
import { ContainerStore } from './containers/container-store.ts';
import { ExecStore } from './containers/exec/exec-store.ts';
import { HealthMonitor } from './containers/health/health-monitor.ts';
import { KeyedLock } from './containers/keyed-lock.ts';
import { LiveContainers } from './containers/live.ts';
import { LogRotation } from './containers/logs/log-rotation.ts';
import { recoverContainers } from './containers/recover.ts';
import { readHostFacts } from './containers/spec/spec-host.ts';
import { Supervisor } from './containers/supervise.ts';
import { tcpAddress } from './hosts.ts';
import { CurrentSettings, type ReloadableConfig } from './reloadable-config.ts';
import { lockDataDirectory } from './data-lock.ts';
import { openEngineDatabase } from './database.ts';
import { EventLog } from './events.ts';
import { whileStill } from './containers/pause.ts';
import { IdleMemory } from './idle-memory.ts';
import { collectLeftovers } from './images/collect.ts';
import { ImageStore } from './images/image-store.ts';
import { ConfigFetcher } from './images/config-fetcher.ts';
import { LayerInstaller } from './images/layer-installer.ts';
import type { EmitImageEvent } from './images/registry-access.ts';
import { ExecMonitors } from './joining/exec-monitors.ts';
import { ExecRuntimes } from './joining/exec-runtime.ts';
import { ContainerNetworks } from './networks/container-networks.ts';
import { CgroupEntry, ownCgroupProcesses } from './runtime/cgroup-entry.ts';
import { Conmon } from './runtime/conmon.ts';
import { ProgramVersion } from './runtime/program-version.ts';
import { Runc } from './runtime/runc.ts';
import { OverlaySnapshotStore } from './snapshots/overlay.ts';
import { VolumeMounts } from './volumes/volume-mounts.ts';
import { VolumeStore } from './volumes/volume-store.ts';

/** A running engine. Disposing closes its sockets and stores. */
export interface Engine extends AsyncDisposable {
  readonly hosts: readonly string[];
  /** Takes other settings while it runs. */
  reload(next: ReloadableConfig): void;
}

/** Recovers what an earlier engine left, then listens. @throws ConflictError when another engine runs here. */
export async function createEngine(config: EngineConfig, log: Log): Promise<Engine> {
  await using started = new AsyncDisposableStack();
  const deps = await openStores(config, log, started);
  const supervisor = started.use(new Supervisor(deps));
  const health = started.use(new HealthMonitor(deps));
  const logs = started.use(new LogRotation(deps));
  await recoverContainers(deps, supervisor);
  health.resume();
  logs.resume();
  await collectLeftovers(deps.images);
  const memory = started.use(new IdleMemory());
  const server = started.use(
    new ApiServer({
      routes: routesOf(config, deps),
      version: config.version,
      log,
      onRequest: () => memory.touch(),
    }),
  );
  for (const conflict of config.conflicts) log.warn(conflict);
  for (const host of config.hosts) await server.listen(host, config.tls);
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

/** What the routes and the verbs take their parts of. */
interface Dependencies extends SystemRouteDependencies {
  readonly settings: CurrentSettings;
}

async function openStores(
  config: EngineConfig,
  log: Log,
  started: AsyncDisposableStack,
): Promise<Dependencies> {
  const { dataDirectory, runDirectory } = config;
  const paths = new ContainerPaths(dataDirectory, runDirectory);
  for (const directory of [dataDirectory, runDirectory])
    mkdirSync(directory, { recursive: true, mode: 0o711 });
  for (const directory of paths.roots) mkdirSync(directory, { recursive: true, mode: 0o700 });
  started.use(lockDataDirectory(dataDirectory));
  const database = openEngineDatabase(join(dataDirectory, 'engine.db'));
  started.defer(() => database.close());
  const contents = new DiskContentStore(join(dataDirectory, 'content'));
  const snapshots = started.use(
    new OverlaySnapshotStore({ root: join(dataDirectory, 'overlay'), database, self: config.self }),
  );
  const images = new ImageStore({ database, contents, snapshots });
  const networks = started.use(
    ContainerNetworks.open({ database, runDirectory, name: config.networkName, log }),
  );
  const host = readHostFacts();
  const conmon = programPath('conmon');
  const runc = new Runc(programPath('runc'), paths.runtimeRoot);
  const volumes = new VolumeStore(database, join(dataDirectory, 'volumes'));
  const execRuntimes = started.use(new ExecRuntimes(runc, config.self));
  const settings = new CurrentSettings(config.reloadable);
  const locks = new KeyedLock();
  started.defer(() => locks.idle());
  return {
    containers: new ContainerStore(database),
    live: new LiveContainers(),
    execs: new ExecStore(),
    execRuntimes,
    execMonitors: started.use(
      new ExecMonitors({
        conmon,
        directory: (name) => paths.exec(name),
        joining: execRuntimes.joining,
        runtime: execRuntimes.runtime,
      }),
    ),
    locks,
    images,
    layers: new LayerInstaller(images),
    snapshots,
    networks,
    volumes,
    volumeMounts: new VolumeMounts(volumes, config.self),
    conmon: new Conmon(conmon, runc, paths.exits, new CgroupEntry(ownCgroupProcesses())),
    runc,
    events: new EventLog(),
    paths,
    host,
    monitorVersion: new ProgramVersion(conmon),
    initVersion: host.initPath === undefined ? undefined : new ProgramVersion(host.initPath),
    log,
    self: config.self,
    version: config.version,
    containerDefaults: config.containerDefaults,
    settings,
    system: {
      id: await engineId(dataDirectory),
      version: config.version,
      dataDirectory,
      settings,
      proxies: config.proxies,
      logDriver: config.containerDefaults.LogConfig?.Type ?? 'json-file',
      warnings: config.tls ? [] : config.hosts.flatMap(openHostWarning),
    },
  };
}

export function routesOf(
  config: EngineConfig,
  deps: Dependencies,
): ConstructorParameters<typeof ApiServer>[0]['routes'] {
  const { events, containers, images, layers } = deps;
  const emit: EmitImageEvent = (action, subject, attributes) =>
    events.publish('image', action, subject, attributes);
  return [
    ...containerRoutes(deps),
    ...containerStreamRoutes(deps),
    ...archiveRoutes(deps),
    ...execRoutes(deps),
    ...systemRoutes(deps),
    ...eventRoutes(events),
    ...volumeRoutes(deps),
    ...networkRoutes(deps),
    ...imageRoutes({
      images,
      layers,
      configs: new ConfigFetcher(),
      containers,
      hosts: {
        hub: config.hub,
        get insecureRegistries() {
          return deps.settings.current.insecureRegistries;
        },
      },
      emit,
      self: config.self,
      whileStill: ({ id }, read) => whileStill(deps, id, read),
      onCommit: (container, attributes) =>
        events.publish('container', 'commit', container.id, attributesOf(container, attributes)),
    }),
    ...imageArchiveRoutes({ images, layers, containers, emit, self: config.self }),
    ...unservedRoutes(),
  ];
}

/** Docker's warning for a host that anybody may use who reaches it. */
function openHostWarning(host: string): string[] {
  const address = tcpAddress(host);
  if (!address) return [];
  const where = `http://${host.slice('tcp://'.length)}`;
  return [
    `WARNING: API is accessible on ${where} without encryption.\n         Access to the remote API is equivalent to root access on the host. Use --tlsverify.`,
  ];
}

/** @throws UnavailableError when it isn't installed. */
function programPath(name: string): string {
  const path = Bun.which(name, { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' });
  if (path === null) throw new UnavailableError(`cannot start the engine: ${name} is not installed`);
  return path;
}

async function engineId(dataDirectory: string): Promise<string> {
  const path = join(dataDirectory, 'engine-id');
  if (!existsSync(path)) await writeFileAtomic(path, `${crypto.randomUUID()}\n`);
  return (await Bun.file(path).text()).trim();
}
