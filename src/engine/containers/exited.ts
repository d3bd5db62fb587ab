/**
 * What follows the end of a container's process: the record, events, whoever waits, then cleaning up, then a restart
 * or the removal. conmon's exit file brings the news, now or after the engine was away.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../lib/errors.ts';
import { attributesOf } from './container-event.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { unwatchedHealth } from './health/health.ts';
import { releaseMounts, unmountEvents } from './mounts/set-up.ts';
import { networkEvents } from './network-events.ts';
import { removeRecord } from './remove.ts';
import { RestartBackOff, shouldRestart } from './restart-policy.ts';
import { removeBundle } from './shared-memory.ts';
import { startLocked } from './start.ts';
import { type ContainerRecord, hasProcess } from './state.ts';

/** Idempotent: a second call for the same end does nothing. @param finishedAt when it was, for one that nobody saw. */
export async function containerExited(
  deps: ContainerDependencies,
  id: string,
  exitCode: number,
  finishedAt = new Date(),
): Promise<void> {
  await deps.locks.run(id, async () => {
    const record = deps.containers.get(id);
    if (record && hasProcess(record.state)) await ended(deps, record, exitCode, finishedAt.toISOString());
    await rm(join(deps.paths.exits, id), { force: true });
  });
}

async function ended(
  deps: ContainerDependencies,
  running: ContainerRecord,
  exitCode: number,
  finishedAt: string,
): Promise<void> {
  const { id, hostConfig } = running;
  const restarts = shouldRestart(hostConfig.RestartPolicy, { ...running, exitCode });
  const oomKilled = existsSync(join(deps.paths.bundle(id), 'oom'));
  const record = deps.containers.setState(id, {
    status: restarts ? 'restarting' : 'exited',
    pid: 0,
    monitorPid: 0,
    exitCode,
    oomKilled,
    finishedAt,
    health: unwatchedHealth(running.state.health),
  });
  const ran = Date.parse(finishedAt) - Date.parse(running.state.startedAt);
  if (oomKilled) deps.events.publish('container', 'oom', id, attributesOf(record));
  const seconds = String(Math.max(0, Math.round(ran / 1000)));
  const attributes = attributesOf(record, { exitCode: String(exitCode), execDuration: seconds });
  deps.events.publish('container', 'die', id, attributes);
  networkEvents(deps, record, 'disconnect', deps.networks.settings(id));
  unmountEvents(deps, record);
  deps.live.of(record).exited({ exitCode });
  if (hostConfig.AutoRemove && !restarts) {
    await removeRecord(deps, record, { withVolumes: true });
    return;
  }
  await cleanUp(deps, record);
  if (restarts) scheduleRestart(deps, record, ran);
}

/** Gives back what only a running container needs. Idempotent; one failing step doesn't keep the others from theirs. */
export async function cleanUp(deps: ContainerDependencies, record: ContainerRecord): Promise<void> {
  const { id } = record;
  deps.execs.forgetContainer(id);
  deps.live.of(record).console.processEnded();
  if (record.hostConfig.PidMode) await deps.runc.kill(id, 9, true);
  const steps = await Promise.allSettled([
    deps.live.releasing(deps.networks.disconnect(id)),
    deps.runc
      .delete(id)
      .then(() => releaseMounts(deps, record))
      .then(() => deps.snapshots.unmount(id))
      .then(() => removeBundle(deps.paths, id)),
  ]);
  for (const step of steps) {
    if (step.status === 'rejected') deps.log.warn({ id, error: messageOf(step.reason) }, 'clean-up failed');
  }
}

/** @param ran how long the last process ran, in milliseconds. */
export function scheduleRestart(deps: ContainerDependencies, record: ContainerRecord, ran: number): void {
  const live = deps.live.of(record);
  live.backOff ??= new RestartBackOff();
  live.restartTimer = setTimeout(() => void restart(deps, record.id), live.backOff.next(ran));
}

async function restart(deps: ContainerDependencies, id: string): Promise<void> {
  await deps.locks
    .run(id, async () => {
      const record = deps.containers.get(id);
      if (record?.state.status !== 'restarting') return;
      deps.containers.update(id, { restartCount: record.restartCount + 1 });
      await startLocked(deps, id);
    })
    .catch((error: unknown) => deps.log.warn({ id, error: messageOf(error) }, 'restart failed'));
}

/**
 * A conmon that was killed leaves no exit file: its end alone must do.
 * The file, if there is one, was written before conmon ended, and its reader was faster or is on its way.
 */
export async function monitorEnded(
  deps: ContainerDependencies,
  id: string,
  monitorPid: number,
): Promise<void> {
  await Bun.sleep(200);
  const isMissing = () =>
    deps.containers.get(id)?.state.monitorPid === monitorPid && !existsSync(join(deps.paths.exits, id));
  if (isMissing()) await containerExited(deps, id, 137);
}
