/** `rm`, and the end of a container of `--rm`. The record goes first: what a crash leaves then, recovery finds. */
import { rm } from 'node:fs/promises';
import { ConflictError, messageOf, NotFoundError } from '../../lib/errors.ts';
import { removeHiddenImages } from '../images/remove.ts';
import { removeVolume } from '../volumes/remove-volume.ts';
import { attributesOf } from './container-event.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { killAndWait } from './kill.ts';
import { snapshotsOf } from './mounts/image-mount.ts';
import { releaseMounts, volumesOf } from './mounts/set-up.ts';
import { removeBundle } from './shared-memory.ts';
import { type ContainerRecord, hasProcess, isRunning } from './state.ts';

export interface RemoveOptions {
  readonly force: boolean;
  /** Anonymous volumes go, too. */
  readonly withVolumes: boolean;
}

/** @throws ConflictError in docker's words when it runs and `force` isn't given. */
export async function removeContainer(
  deps: ContainerDependencies,
  name: string,
  { force, withVolumes }: RemoveOptions,
): Promise<void> {
  const { id } = deps.containers.resolve(name);
  assertRemovable(deps.containers.resolve(id), force);
  // A restart may come up between the end of one process and the lock.
  for (let isGone = false; !isGone;) {
    if (deps.containers.get(id)) deps.containers.update(id, { stoppedByUser: true });
    await killAndWait(deps, id);
    isGone = await deps.locks.run(id, () => removeEnded(deps, id, { force, withVolumes }));
  }
}

/** @returns false when it has a process again. */
async function removeEnded(
  deps: ContainerDependencies,
  id: string,
  options: RemoveOptions,
): Promise<boolean> {
  const record = deps.containers.get(id);
  if (!record) return true;
  assertRemovable(record, options.force);
  deps.live.of(record).cancelRestart();
  if (hasProcess(record.state)) return false;
  await removeRecord(deps, record, options);
  return true;
}

function assertRemovable({ state, id, name }: ContainerRecord, force: boolean): void {
  if (!isRunning(state) || force) return;
  if (state.status === 'paused') {
    throw new ConflictError(
      `cannot remove container "/${name}": container is paused and must be unpaused first`,
    );
  }
  throw new ConflictError(
    `cannot remove container "/${name}": container is ${state.status}: stop the container before removing or force remove`,
    { cause: id },
  );
}

/** Takes a container without a process away. Callers hold the lock. */
export async function removeRecord(
  deps: ContainerDependencies,
  record: ContainerRecord,
  { withVolumes }: Pick<RemoveOptions, 'withVolumes'>,
): Promise<void> {
  const { id, state } = record;
  deps.execs.forgetContainer(id);
  const disconnected = deps.live.releasing(deps.networks.disconnect(id));
  deps.containers.delete(id);
  await settle(deps, id, [releaseMounts(deps, record)]);
  await settle(deps, id, [
    deps.snapshots.remove(id),
    ...snapshotsOf(record.mounts).map((snapshot) => deps.snapshots.remove(snapshot)),
    rm(deps.paths.state(id), { recursive: true, force: true }),
  ]);
  await settle(deps, id, [removeHiddenImages(deps)]);
  if (withVolumes) await removeAnonymousVolumes(deps, record);
  deps.events.publish('container', 'destroy', id, attributesOf(record));
  deps.live.forget(id, { exitCode: state.exitCode });
  // Nobody waits for these: the id will not be used again.
  await settle(deps, id, [disconnected, deps.runc.delete(id).then(() => removeBundle(deps.paths, id))]);
}

async function settle(
  { log }: Pick<ContainerDependencies, 'log'>,
  id: string,
  steps: readonly Promise<unknown>[],
): Promise<void> {
  for (const step of await Promise.allSettled(steps)) {
    if (step.status === 'rejected') log.warn({ id, error: messageOf(step.reason) }, 'removal is incomplete');
  }
}

async function removeAnonymousVolumes(
  deps: Pick<ContainerDependencies, 'volumes' | 'containers' | 'events' | 'log'>,
  { mounts }: ContainerRecord,
): Promise<void> {
  const anonymous = volumesOf(mounts.filter(({ manner }) => manner?.anonymous === true));
  for (const name of anonymous) {
    try {
      await removeVolume(deps, name);
    } catch (error) {
      // Another container has it still, or somebody was faster.
      if (error instanceof ConflictError || error instanceof NotFoundError) continue;
      deps.log.warn({ name, error: messageOf(error) }, 'volume is left');
    }
  }
}
