/**
 * The engine's start after a stop, a kill -9 or a reboot: containers that run go on, exits in between are recorded,
 * what was half made or half removed goes, and restart policies are taken up again.
 */
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../lib/errors.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { cleanUp, containerExited, scheduleRestart } from './exited.ts';
import { snapshotsOf } from './mounts/image-mount.ts';
import { volumesOf } from './mounts/set-up.ts';
import { removeContainer, removeRecord } from './remove.ts';
import { startsWithEngine } from './restart-policy.ts';
import { removeBundle } from './shared-memory.ts';
import { startContainer } from './start.ts';
import { type ContainerRecord, hasProcess } from './state.ts';
import { isConmon, type Supervisor } from './supervise.ts';

/** What a process is said to have ended with when nobody saw it. */
const unseenExit = 255;

export async function recoverContainers(deps: ContainerDependencies, supervisor: Supervisor): Promise<void> {
  const before = deps.containers.list();
  await removeStrays(deps);
  await deps.networks.recover(runningIds(deps));
  await deps.volumes.recover();
  deps.volumeMounts.recover(volumesOfRunning(deps));
  await supervisor.catchUp();
  for (const record of deps.containers.list()) await recoverOne(deps, record);
  for (const { id, isOfBuild } of deps.containers.list())
    if (isOfBuild) await removeContainer(deps, id, { force: true, withVolumes: true });
  const kept = deps.containers.list().flatMap(({ id, mounts }) => [id, ...snapshotsOf(mounts)]);
  await deps.snapshots.recover(new Set(kept));
  supervisor.watchInherited([...runningIds(deps)]);
  for (const record of before) resume(deps, record);
}

function runningIds({ containers }: ContainerDependencies): Set<string> {
  return new Set(
    containers
      .list()
      .filter(({ state }) => hasProcess(state))
      .map(({ id }) => id),
  );
}

function volumesOfRunning({ containers }: ContainerDependencies): Map<string, string[]> {
  const running = containers.list().filter(({ state }) => hasProcess(state));
  return new Map(running.map(({ id, mounts }) => [id, volumesOf(mounts)]));
}

async function recoverOne(deps: ContainerDependencies, record: ContainerRecord): Promise<void> {
  const { id, state } = record;
  if (state.status === 'removing' || state.status === 'dead') {
    await removeRecord(deps, record, { withVolumes: false });
  } else if (!hasProcess(state)) {
    await cleanUp(deps, record);
    if (state.status === 'exited' && record.hostConfig.AutoRemove) {
      await removeRecord(deps, record, { withVolumes: true });
    }
  } else if (!isConmon(state.monitorPid)) {
    await containerExited(deps, id, unseenExit);
  } else if (deps.runc.isWaiting(id)) {
    // The engine died between the record and the release of the process.
    await deps.runc.release(id);
  } else if (state.status !== 'paused') {
    // The engine died in a commit, which freezes without a word in the record.
    await deps.runc.resume(id).catch(() => undefined);
  }
}

/** Runtime state, bundles and files that no record of a container accounts for. */
async function removeStrays(deps: ContainerDependencies): Promise<void> {
  const { containers, runc, paths } = deps;
  const isStray = (id: string) => !containers.get(id);
  const isStrayProcess = (id: string) => isStray(id) || !hasProcess(containers.resolve(id).state);
  for (const id of runc.list().filter(isStrayProcess)) await runc.delete(id);
  for (const root of paths.roots) {
    if (root === paths.runtimeRoot) continue;
    for (const id of readdirSync(root).filter(isStray)) {
      await removeBundle(paths, id);
      await rm(join(root, id), { recursive: true, force: true });
    }
  }
}

/** In the background: the engine serves while its containers come up. */
function resume(deps: ContainerDependencies, before: ContainerRecord): void {
  const record = deps.containers.get(before.id);
  if (!record || hasProcess(record.state)) return;
  if (record.state.status === 'restarting') {
    scheduleRestart(deps, record, 0);
    return;
  }
  const { RestartPolicy: policy } = record.hostConfig;
  const wasRunning = before.state.status !== 'created' && before.state.status !== 'exited';
  if (!startsWithEngine(policy, { wasRunning, stoppedByUser: record.stoppedByUser })) return;
  startContainer(deps, record.id).catch((error: unknown) => {
    deps.log.warn({ id: record.id, error: messageOf(error) }, 'container did not come up with the engine');
  });
}
