/**
 * What is known of a container: the record that container-store.ts keeps, and the state it is in.
 * Records are values; a verb makes a new one and saves it. Field names are the API's own where it has one.
 */
import type { ContainerConfig, EndpointSettings, HostConfig } from '../../engine-api/types.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { HealthState } from './health/health.ts';
import type { ContainerMount } from './mounts/container-mount.ts';

type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** Go's zero time: what the API shows for "never". */
export const zeroTime = '0001-01-01T00:00:00Z';

export interface ContainerState {
  readonly status: ContainerStatus;
  /** The container's first process on the host; 0 while there is none. */
  readonly pid: number;
  /** conmon's process; 0 while there is none. */
  readonly monitorPid: number;
  readonly exitCode: number;
  /** Why the last start failed; empty otherwise. */
  readonly error: string;
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Undefined while nothing was ever checked. */
  readonly health?: HealthState | undefined;
}

export interface ContainerRecord {
  /** 64 hex digits. */
  readonly id: string;
  /** Without the leading slash that the API shows. */
  readonly name: string;
  /** RFC 3339. */
  readonly created: string;
  readonly imageId: Digest;
  /** The image as the user named it: `busybox`, `alice/app:1.0`. */
  readonly imageName: string;
  /** What the root file system stands on; undefined for an image without layers. */
  readonly chainId: Digest | undefined;
  /** The image's defaults and the request, merged. */
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** The networks asked for at create, by name; the addresses given are the network store's to tell. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  /** Binds, volumes and tmpfs, sources resolved: what inspect shows and what the spec mounts. */
  readonly mounts: readonly ContainerMount[];
  /** Entrypoint and command joined: the program and its arguments. */
  readonly path: string;
  readonly args: readonly string[];
  readonly state: ContainerState;
  readonly restartCount: number;
  /** The user stopped it: `unless-stopped` and `always` leave it alone. */
  readonly stoppedByUser: boolean;
  /** A build's step: of no use to anybody once the engine that builds has gone. */
  readonly isOfBuild?: boolean;
}

/** A container that was never started. */
export const createdState: ContainerState = {
  status: 'created',
  pid: 0,
  monitorPid: 0,
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: zeroTime,
  finishedAt: zeroTime,
};

/** True while a process of the container exists: paused counts, waiting for a restart does not. */
export function hasProcess(state: ContainerState): boolean {
  return state.status === 'running' || state.status === 'paused';
}

/** Docker's `Running`: paused and restarting containers are running, too. */
export function isRunning(state: ContainerState): boolean {
  return hasProcess(state) || state.status === 'restarting';
}
