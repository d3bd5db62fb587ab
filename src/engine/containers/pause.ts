/** `pause` and `unpause`: the freezer stops and continues every process of a container at once. */
import { ConflictError } from '../../lib/errors.ts';
import { attributesOf } from './container-event.ts';
import type { ContainerDependencies } from './dependencies.ts';
import type { ContainerRecord } from './state.ts';

type Dependencies = Pick<ContainerDependencies, 'containers' | 'locks' | 'runc' | 'events'>;

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

/** @throws ConflictError in docker's words. */
export function assertRunning({ state, id }: ContainerRecord): void {
  if (state.status === 'restarting') {
    throw new ConflictError(`Container ${id} is restarting, wait until the container is running`);
  }
  if (state.status !== 'running') throw new ConflictError(`Container ${id} is not running`);
}

function changed(deps: Dependencies, id: string, status: 'paused' | 'running'): void {
  const record = deps.containers.setState(id, { status });
  const action = status === 'paused' ? 'pause' : 'unpause';
  deps.events.publish('container', action, id, attributesOf(record));
}
