/** What the verbs on containers need; each takes its own part of it. engine.ts puts it together. */
import type { Log } from '../../lib/log.ts';
import type { ContainerDefaults } from '../container-defaults.ts';
import type { EventLog } from '../events.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { LayerInstaller } from '../images/layer-installer.ts';
import type { ExecMonitors } from '../joining/exec-monitors.ts';
import type { ExecRuntimes } from '../joining/exec-runtime.ts';
import type { ContainerNetworks } from '../networks/container-networks.ts';
import type { Conmon } from '../runtime/conmon.ts';
import type { Runc } from '../runtime/runc.ts';
import type { SnapshotStore } from '../snapshots/snapshot-store.ts';
import type { VolumeMounts } from '../volumes/volume-mounts.ts';
import type { VolumeStore } from '../volumes/volume-store.ts';
import type { ContainerPaths } from './container-paths.ts';
import type { ContainerStore } from './container-store.ts';
import type { ExecStore } from './exec/exec-store.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { LiveContainers } from './live.ts';
import type { HostFacts } from './spec/spec-input.ts';

export interface ContainerDependencies {
  readonly containers: ContainerStore;
  readonly live: LiveContainers;
  readonly execs: ExecStore;
  readonly execRuntimes: ExecRuntimes;
  readonly execMonitors: ExecMonitors;
  readonly locks: KeyedLock;
  readonly images: ImageStore;
  /** Unpacks what a commit left packed. */
  readonly layers: LayerInstaller;
  readonly snapshots: SnapshotStore;
  readonly networks: ContainerNetworks;
  readonly volumes: VolumeStore;
  readonly volumeMounts: VolumeMounts;
  readonly conmon: Conmon;
  readonly runc: Runc;
  readonly events: EventLog;
  readonly paths: ContainerPaths;
  readonly host: HostFacts;
  /** What a container gets that says nothing about it. */
  readonly containerDefaults: ContainerDefaults;
  readonly log: Log;
  /** The argv that starts this very program: parts of it run as processes of their own. */
  readonly self: readonly string[];
}
