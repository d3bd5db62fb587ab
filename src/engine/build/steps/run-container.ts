/**
 * RUN: one command in a container of its own, made on the state that the steps before have left. The container stays for
 * its changes to be adopted as a layer, or to be looked at where the step failed; `discardRun` takes it away.
 */
import type { HostConfig } from '../../../engine-api/types.ts';
import { UnsupportedError } from '../../../lib/errors.ts';
import type { ProcessConfig } from '../../../oci/image/image-config.ts';
import type { OutputStream } from '../../containers/attach/console.ts';
import type { ContainerBase } from '../../containers/create/create.ts';
import type { ContainerDependencies } from '../../containers/dependencies.ts';
import type { AdoptedLayer, AdoptOptions } from '../../images/adopt-layer.ts';

/** What the steps so far have come to: an image's chain and configuration, without an image. */
export interface BuildState extends ContainerBase {
  readonly config: ProcessConfig;
}

export interface RunRequest {
  readonly state: BuildState;
  /** The program and its arguments: a shell's prefix is the caller's. */
  readonly command: readonly string[];
  /** `NAME=value`, over those of the state: build arguments. */
  readonly environment: readonly string[];
  /** The state's unless given. */
  readonly user?: string;
  readonly workingDirectory?: string;
  /** Network mode, shared memory, limits, hosts, and `Mounts`: binds of cache directories and secrets, tmpfs. */
  readonly hostConfig: Partial<HostConfig>;
  /** The bytes are the caller's to keep. While what it returns is pending, the command's output is held back. */
  readonly onOutput: (stream: OutputStream, bytes: Uint8Array) => void | Promise<void>;
  /** Aborting kills the command. */
  readonly signal: AbortSignal;
}

export interface RunResult {
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly containerId: string;
}

/**
 * Returns when the command has ended and all its output was taken.
 * @throws what `signal` was aborted with, or InvalidError where the command can't be run: no container is left then.
 */
export async function runInState(_deps: ContainerDependencies, _run: RunRequest): Promise<RunResult> {
  throw new UnsupportedError('not yet');
}

/** The container's changes as a layer, undefined where it made none; the container is gone afterwards. */
export async function adoptRun(
  _deps: ContainerDependencies,
  _containerId: string,
  _options?: AdoptOptions,
): Promise<AdoptedLayer | undefined> {
  throw new UnsupportedError('not yet');
}

/** Takes a step's container away with all that it changed. Idempotent. */
export async function discardRun(_deps: ContainerDependencies, _containerId: string): Promise<void> {
  throw new UnsupportedError('not yet');
}
