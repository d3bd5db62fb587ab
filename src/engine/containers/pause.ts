/** `pause` and `unpause`: the freezer stops and continues every process of a container at once. */
import { ConflictError, messageOf } from '../../lib/errors.ts';
import { attributesOf } from './container-event.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { unwatchedHealth } from './health/health.ts';
import type { ContainerRecord } from './state.ts';

type Dependencies = Pick<ContainerDependencies, 'containers' | 'locks' | 'runc' | 'events' | 'log'>;

/** @throws ConflictError when it isn't running or is paused already. */
export async function pauseContainer(deps: Dependencies, name: string): Promise<void> {
  const { id } = deps.containers.resolve(name);
  await deps.locks.run(id, async () => {
    const record = deps.containers.resolve(id);
    if (record.state.status === 'paused') throw new ConflictError(`Container ${id} is already paused`);
    assertRunning(record);
    await deps.runc.pause(id);
    changed(deps, id, 'paused');
  });
}

/** @throws ConflictError when it isn't paused. */
export async function unpauseContainer(deps: Dependencies, name: string): Promise<void> {
  const { id } = deps.containers.resolve(name);
  await deps.locks.run(id, async () => {
    const { state } = deps.containers.resolve(id);
    if (state.status !== 'paused') throw new ConflictError(`Container ${id} is not paused`);
    await deps.runc.resume(id);
    changed(deps, id, 'running');
  });
}

/**
 * Runs `action` while the container's processes stand still, alone: what else would pause, start or read it waits.
 * One that does not run, or that its user has paused, is left as it is.
 */
export async function whileStill<T>(deps: Dependencies, id: string, action: () => Promise<T>): Promise<T> {
  return deps.locks.run(id, async () => {
    if (deps.containers.resolve(id).state.status !== 'running') return action();
    await deps.runc.pause(id);
    try {
      return await action();
    } finally {
      await letGoOn(deps, id);
    }
  });
}

/** A container that ended meanwhile has no freezer any more. */
async function letGoOn({ runc, log }: Dependencies, id: string): Promise<void> {
  try {
    await runc.resume(id);
  } catch (error) {
    log.warn({ id, error: messageOf(error) }, 'container does not go on');
  }
}

/** @throws ConflictError in docker's words. */
export function assertRunning({ state, id }: ContainerRecord): void {
  if (state.status === 'restarting') {
    throw new ConflictError(`Container ${id} is restarting, wait until the container is running`);
  }
  if (state.status !== 'running') throw new ConflictError(`Container ${id} is not running`);
}

function changed(deps: Dependencies, id: string, status: 'paused' | 'running'): void {
  const { health } = deps.containers.resolve(id).state;
  const record = deps.containers.setState(id, {
    status,
    health: status === 'paused' ? unwatchedHealth(health) : health,
  });
  const action = status === 'paused' ? 'pause' : 'unpause';
  deps.events.publish('container', action, id, attributesOf(record));
}
