/**
 * RUN: one command in a container of its own, made on the state that the steps before have left. The container stays for
 * its changes to be adopted as a layer, or to be looked at where the step failed; `discardRun` takes it away.
 */
import { statSync } from 'node:fs';
import type { HostConfig } from '../../../engine-api/types.ts';
import { UndoStack } from '../../../lib/undo.ts';
import type { ProcessConfig } from '../../../oci/image/image-config.ts';
import type { Console, ConsoleClient, OutputStream } from '../../containers/attach/console.ts';
import { createOn, type ContainerBase } from '../../containers/create/create.ts';
import { parseCreateRequest, type CreateRequest } from '../../containers/create/create-request.ts';
import type { ContainerDependencies } from '../../containers/dependencies.ts';
import { killContainer } from '../../containers/kill.ts';
import { removeContainer } from '../../containers/remove.ts';
import { startContainer } from '../../containers/start.ts';
import type { ContainerRecord } from '../../containers/state.ts';
import { adoptLayer, type AdoptedLayer, type AdoptOptions } from '../../images/adopt-layer.ts';
import { type MountTarget, MountStubs, runtimeTargets } from './mount-stubs.ts';

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
  /** The same, kept from every record: only the command sees them. */
  readonly secretEnvironment: readonly string[];
  readonly hostname: string;
  /** Network mode, shared memory, limits, hosts, and `Mounts`: binds of cache directories and secrets, tmpfs. */
  readonly hostConfig: Partial<HostConfig>;
  /** Told the container's id before the command starts. */
  readonly onCreated?: (containerId: string) => void;
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

/** What a request means is said by the API's version: by the newest. */
const apiVersion = 50;

/**
 * Returns when the command has ended and all its output was taken.
 * @throws what `signal` was aborted with, or InvalidError where the command can't be run: no container is left then.
 */
export async function runInState(deps: ContainerDependencies, run: RunRequest): Promise<RunResult> {
  const { signal } = run;
  signal.throwIfAborted();
  const { id } = await createOn(deps, baseOf(run.state), {
    request: requestOf(run),
    name: '',
    version: apiVersion,
    isOfBuild: true,
  });
  await using undo = new UndoStack();
  undo.push(() => discardRun(deps, id));
  run.onCreated?.(id);
  const held = await deps.snapshots.hold(id);
  undo.push(held.release);
  const record = deps.containers.resolve(id);
  const stubs = new MountStubs(held.root, targetsOf(record));
  const exitCode = await runToEnd(deps, record, run);
  signal.throwIfAborted();
  stubs.remove();
  undo.commit();
  await held.release();
  return { exitCode, oomKilled: deps.containers.get(id)?.state.oomKilled ?? false, containerId: id };
}

async function runToEnd(
  deps: ContainerDependencies,
  record: ContainerRecord,
  { onOutput, secretEnvironment, signal }: RunRequest,
): Promise<number> {
  const { id } = record;
  const live = deps.live.of(record);
  live.secretEnvironment = secretEnvironment;
  const output = new OutputClient(live.console, onOutput);
  live.console.add(output);
  const exit = live.nextExit();
  const kill = (): void => void killContainer(deps, id, 'SIGKILL').catch(() => undefined);
  output.failed.catch(kill);
  signal.addEventListener('abort', kill, { once: true });
  try {
    await startContainer(deps, id);
    // It may have been too early for a kill.
    if (signal.aborted) kill();
    const { exitCode } = await exit;
    await output.taken;
    return exitCode;
  } finally {
    signal.removeEventListener('abort', kill);
    live.console.remove(output);
  }
}

/** The container's changes as a layer, undefined where it made none; the container is gone afterwards. */
export async function adoptRun(
  deps: ContainerDependencies,
  containerId: string,
  options?: AdoptOptions,
): Promise<AdoptedLayer | undefined> {
  const layer = await adoptLayer(deps.images, containerId, options);
  await discardRun(deps, containerId);
  return layer;
}

/** Takes a step's container away with all that it changed. Idempotent. */
export async function discardRun(deps: ContainerDependencies, containerId: string): Promise<void> {
  if (!deps.containers.get(containerId)) return;
  await removeContainer(deps, containerId, { force: true, withVolumes: true });
}

/** A step has neither volumes nor a health of its own. */
function baseOf(state: BuildState): BuildState {
  const { Volumes: _volumes, Healthcheck: _healthcheck, ExposedPorts: _ports, ...config } = state.config;
  return { ...state, config };
}

function requestOf(run: RunRequest): CreateRequest {
  return parseCreateRequest({
    Image: run.state.imageName,
    Entrypoint: [''],
    Cmd: run.command,
    Env: run.environment,
    Hostname: run.hostname,
    HostConfig: { ...run.hostConfig, LogConfig: { Type: 'none' } },
  });
}

function targetsOf({ mounts }: ContainerRecord): MountTarget[] {
  return [
    ...runtimeTargets,
    ...mounts.map(({ Type: type, Source: source = '', Destination: path = '' }) => ({
      path,
      isFile: type === 'bind' && statSync(source, { throwIfNoEntry: false })?.isDirectory() === false,
    })),
  ];
}

/** More than this, untaken, holds the command's output back. */
const longestBacklog = 256 * 1024;

class OutputClient implements ConsoleClient {
  readonly reads = true;
  readonly #console: Console;
  readonly #onOutput: RunRequest['onOutput'];
  readonly #ended = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<never>();
  #taking = Promise.resolve();
  #backlog = 0;

  constructor(console: Console, onOutput: RunRequest['onOutput']) {
    this.#console = console;
    this.#onOutput = onOutput;
    this.#failed.promise.catch(() => undefined);
  }

  /** Resolves when all was taken. @throws what taking it threw. */
  get taken(): Promise<void> {
    return Promise.race([this.#ended.promise.then(() => this.#taking), this.failed]);
  }

  /** Never resolves. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  output(stream: OutputStream, bytes: Uint8Array): boolean {
    const own = Uint8Array.from(bytes);
    this.#backlog += own.length;
    this.#taking = this.#taking
      .then(() => this.#onOutput(stream, own))
      .catch((error: unknown) => this.#failed.reject(error))
      .then(() => {
        this.#backlog -= own.length;
        if (this.#backlog < longestBacklog) this.#console.ready(this);
      });
    return this.#backlog < longestBacklog;
  }

  ended(): void {
    this.#ended.resolve();
  }
}
