/** `restart`: stop, if it runs, and start. */
import { attributesOf } from './container-event.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { startContainer } from './start.ts';
import { isRunning } from './state.ts';
import { type StopOptions, stopContainer } from './stop.ts';

export async function restartContainer(
  deps: ContainerDependencies,
  name: string,
  options: StopOptions,
): Promise<void> {
  const record = deps.containers.resolve(name);
  // Docker's stop within a restart doesn't let `--rm` act; ours keeps the container by the same means.
  if (isRunning(record.state)) await stopKept(deps, record.id, options);
  await startContainer(deps, record.id);
  deps.events.publish('container', 'restart', record.id, attributesOf(record));
}

async function stopKept(deps: ContainerDependencies, id: string, options: StopOptions): Promise<void> {
  const { hostConfig } = deps.containers.resolve(id);
  if (!hostConfig.AutoRemove) {
    await stopContainer(deps, id, options);
    return;
  }
  deps.containers.update(id, { hostConfig: { ...hostConfig, AutoRemove: false } });
  try {
    await stopContainer(deps, id, options);
  } finally {
    deps.containers.update(id, { hostConfig });
  }
}
