/** The stores of an engine and what else its routes and verbs take their parts of. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UnavailableError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { writeFileAtomic } from '../lib/atomic-file.ts';
import { DiskContentStore } from '../oci/content/disk-content-store.ts';
import { type SystemRouteDependencies } from './api/system.ts';
import { type Builders, openBuilders } from './build/builders.ts';
import type { EngineConfig } from './config.ts';
import { BuildCache } from './build/cache/build-cache.ts';
import { CacheMounts } from './build/cache/cache-mounts.ts';
import { ContainerPaths } from './containers/container-paths.ts';
import { ContainerStore } from './containers/container-store.ts';
import { ExecStore } from './containers/exec/exec-store.ts';
import { KeyedLock } from './containers/keyed-lock.ts';
import { LiveContainers } from './containers/live.ts';
import { readHostFacts } from './containers/spec/spec-host.ts';
import { tcpAddress } from './hosts.ts';
import { CurrentSettings } from './reloadable-config.ts';
import { lockDataDirectory } from './data-lock.ts';
import { openEngineDatabase } from './database.ts';
import { EventLog } from './events.ts';
import { ImageStore } from './images/image-store.ts';
import { LayerInstaller } from './images/layer-installer.ts';
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

/** What the routes and the verbs take their parts of. */
export interface Dependencies extends SystemRouteDependencies, Builders {
  readonly settings: CurrentSettings;
}

/** In the order that they need each other; `started` closes them. */
export async function openStores(
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
  const buildCache = new BuildCache(database, snapshots);
  const images = new ImageStore({ database, contents, snapshots, otherUsers: buildCache });
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
    buildCache,
    cacheMounts: new CacheMounts(buildCache, join(dataDirectory, 'build/mounts')),
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
    ...openBuilders(config, log, started),
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
