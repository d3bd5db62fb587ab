/**
 * The steps from a record to a process: root mounted, network connected, spec written, conmon and runtime started.
 * All or nothing: each step pushes its undo. Callers hold the container's lock.
 */
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { ConflictError } from '../../lib/errors.ts';
import { defaultShmSize } from '../../oci/runtime/defaults.ts';
import { UndoStack } from '../../lib/undo.ts';
import type { NetworkAttachment } from '../networks/attachment.ts';
import { attributesOf } from './container-event.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { healthPlan, startingHealth } from './health/health.ts';
import { assertShareable } from './create/host-modes.ts';
import { closesStdin } from './live.ts';
import { linkedEnvironment, linkedHosts, requireLinked, stillLinked } from './links.ts';
import { logRetention } from './logs/log-options.ts';
import { dropAbove } from './logs/log-rotation.ts';
import { mountEvents, releaseMounts, setUpMounts } from './mounts/set-up.ts';
import { unmountSubpaths } from './mounts/subpath.ts';
import { mountSharedMemory, removeBundle, sharedMemory } from './shared-memory.ts';
import { buildSpec } from './spec/spec.ts';
import type { SpecInput, SpecMount } from './spec/spec-input.ts';
import { type ContainerRecord, hasProcess } from './state.ts';
import { networkEvents } from './network-events.ts';

/** On return the process runs and the record says so. @throws whatever a step throws; nothing is left then. */
export async function launch(deps: ContainerDependencies, record: ContainerRecord): Promise<void> {
  const { id } = record;
  const { console } = deps.live.of(record);
  await using undo = new UndoStack();
  deps.conmon.prepare();
  const prepared = await prepare(deps, record, undo);
  const { attachment } = prepared;
  writeSpec(deps, record, prepared);
  undo.push(() => deps.runc.delete(id));
  const monitored = await deps.conmon.create(monitoring(deps, record));
  // The container has them in its own namespace.
  unmountSubpaths(deps.paths.subpaths(id));
  if (console.hasClients) await console.connectNew(deps.paths.attachSocket(id));
  undo.push(() => deps.containers.setState(id, { status: record.state.status, pid: 0, monitorPid: 0 }));
  deps.containers.setState(id, {
    status: 'running',
    pid: monitored.pid,
    monitorPid: monitored.monitorPid,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: new Date().toISOString(),
    health: startingHealth(healthPlan(record.config), record.state.health),
  });
  await deps.runc.release(id);
  undo.commit();
  networkEvents(deps, record, 'connect', attachment.settings);
  mountEvents(deps, record);
  deps.events.publish('container', 'start', id, attributesOf(record));
}

interface Prepared {
  readonly rootfs: string;
  readonly attachment: NetworkAttachment;
  readonly mounts: readonly SpecMount[];
}

/** Root, network, volumes and directories, side by side. */
async function prepare(
  deps: ContainerDependencies,
  record: ContainerRecord,
  undo: UndoStack,
): Promise<Prepared> {
  const { id } = record;
  undo.push(() => releaseMounts(deps, record));
  undo.push(() => removeBundle(deps.paths, id));
  undo.push(() => deps.snapshots.unmount(id));
  undo.push(() => deps.networks.disconnect(id));
  await deps.live.portsReleased(record);
  const linked = requireLinked(deps, record);
  const steps = await Promise.allSettled([
    deps.snapshots.mount(id),
    deps.networks.connect({
      containerId: id,
      name: record.name,
      config: record.config,
      hostConfig: record.hostConfig,
      endpoints: record.endpoints,
      stateDirectory: deps.paths.state(id),
      linkedHosts: linkedHosts(linked),
    }),
    setUpMounts(deps, record),
    makeBundle(deps, record),
  ]);
  const failure = steps.find((step) => step.status === 'rejected');
  if (failure) throw failure.reason;
  const [rootfs, attachment, mounts] = steps;
  return { rootfs: fulfilled(rootfs), attachment: fulfilled(attachment), mounts: fulfilled(mounts) };
}

async function makeBundle(
  { paths }: Pick<ContainerDependencies, 'paths'>,
  { id, hostConfig }: ContainerRecord,
): Promise<void> {
  await mkdir(paths.bundle(id), { recursive: true, mode: 0o700 });
  if (hostConfig.IpcMode === 'shareable') {
    await mountSharedMemory(paths, id, hostConfig.ShmSize || defaultShmSize);
  }
}

function fulfilled<Value>(step: PromiseSettledResult<Value>): Value {
  if (step.status === 'rejected') throw step.reason;
  return step.value;
}

function writeSpec(
  deps: ContainerDependencies,
  record: ContainerRecord,
  { rootfs, mounts, attachment: { netnsPath, files, hostname } }: Prepared,
): void {
  const { secretEnvironment } = deps.live.of(record);
  const config = { ...record.config, Env: [...(record.config.Env ?? []), ...secretEnvironment] };
  const input = { ...specInput(deps, record, rootfs), config };
  const spec = buildSpec({ ...input, mounts, netnsPath, files, hostname });
  writeFileSync(`${deps.paths.bundle(record.id)}/config.json`, JSON.stringify(spec), { mode: 0o600 });
}

/** What spec and exec have in common; the mounts and the network's part are filled in by who has them. */
export function specInput(
  deps: Pick<ContainerDependencies, 'containers' | 'host' | 'networks' | 'paths'>,
  record: ContainerRecord,
  rootfs: string,
): SpecInput {
  const { config, hostConfig, id } = record;
  const state = deps.paths.state(id);
  return {
    hostname: config.Hostname ?? '',
    rootfs,
    config,
    hostConfig,
    mounts: [],
    netnsPath: undefined,
    files: {
      resolvConf: `${state}/resolv.conf`,
      hosts: `${state}/hosts`,
      hostname: `${state}/hostname`,
    },
    cgroupsPath: cgroupsPath(record),
    joined: {
      ...joined(deps, 'pid', hostConfig.PidMode),
      ...joined(deps, 'ipc', hostConfig.IpcMode),
    },
    shmPath: shmPath(deps, record),
    linkedEnvironment: linkedEnvironment(stillLinked(deps, record)),
    host: deps.host,
  };
}

/** Where /dev/shm is on the host; undefined for one of its own, in the container only. */
function shmPath(
  { containers, paths }: Pick<ContainerDependencies, 'containers' | 'paths'>,
  { id, hostConfig: { IpcMode: mode = '' } }: ContainerRecord,
): string | undefined {
  if (mode === 'host') return '/dev/shm';
  if (mode === 'shareable') return sharedMemory(paths, id);
  if (!mode.startsWith('container:')) return undefined;
  const other = containers.resolve(mode.slice('container:'.length));
  assertShareable(other.hostConfig.IpcMode, other.id);
  return other.hostConfig.IpcMode === 'host' ? '/dev/shm' : sharedMemory(paths, other.id);
}

function cgroupsPath({ hostConfig, id }: Pick<ContainerRecord, 'hostConfig' | 'id'>): string {
  const parent = hostConfig.CgroupParent ? `/${hostConfig.CgroupParent.replace(/^\/+/, '')}` : '/cais';
  return `${parent}/${id}`;
}

/** @throws ConflictError when the container whose namespace is wanted has none. */
function joined(
  { containers }: Pick<ContainerDependencies, 'containers'>,
  kind: 'pid' | 'ipc',
  mode: string | undefined,
): { [key in 'pid' | 'ipc']?: number } {
  if (!mode?.startsWith('container:')) return {};
  const other = containers.resolve(mode.slice('container:'.length));
  if (!hasProcess(other.state)) {
    throw new ConflictError(`cannot join ${kind.toUpperCase()} of a non running container: ${other.id}`);
  }
  return { [kind]: other.state.pid };
}

function monitoring(
  deps: Pick<ContainerDependencies, 'paths'>,
  record: ContainerRecord,
): Parameters<ContainerDependencies['conmon']['create']>[0] {
  const { config, hostConfig, id } = record;
  const logs = hostConfig.LogConfig;
  return {
    id,
    bundle: deps.paths.bundle(id),
    terminal: config.Tty ?? false,
    stdin: config.OpenStdin ?? false,
    leaveStdinOpen: !closesStdin(record),
    logPath: logs?.Type === 'none' ? undefined : deps.paths.log(id),
    logSizeMax: dropAbove(logRetention(logs)),
  };
}
