/** `stop`: the stop signal, patience, then SIGKILL. */
import { UnchangedError } from '../../lib/errors.ts';
import { attributesOf } from './container-event.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { killAndWait, sendSignal } from './kill.ts';
import { parseSignal } from '../../oci/runtime/signals.ts';
import { type ContainerRecord, hasProcess, isRunning } from './state.ts';

const defaultTimeout = 10;

export interface StopOptions {
  /** Seconds before SIGKILL; -1 waits for ever. The container's own where undefined. */
  readonly timeout?: number | undefined;
  readonly signal?: string | undefined;
}

/** @throws UnchangedError when it isn't running. */
export async function stopContainer(
  deps: ContainerDependencies,
  name: string,
  options: StopOptions = {},
): Promise<void> {
  const record = deps.containers.resolve(name);
  if (!isRunning(record.state)) throw new UnchangedError(`container ${record.id} is already stopped`);
  const signal = parseSignal(options.signal || record.config.StopSignal || 'SIGTERM');
  const settled = await withoutRestart(deps, record.id);
  if (hasProcess(settled.state)) await endProcess(deps, settled, signal, options.timeout);
  deps.events.publish('container', 'stop', record.id, attributesOf(record));
}

/** Under the lock: a restart that is under way comes up first, and is stopped then. */
function withoutRestart(deps: ContainerDependencies, id: string): Promise<ContainerRecord> {
  return deps.locks.run(id, async () => {
    const record = deps.containers.update(id, { stoppedByUser: true });
    deps.live.of(record).cancelRestart();
    if (record.state.status !== 'restarting') return record;
    return deps.containers.setState(id, { status: 'exited' });
  });
}

async function endProcess(
  deps: ContainerDependencies,
  record: ContainerRecord,
  signal: number,
  asked: number | undefined,
): Promise<void> {
  const exit = deps.live.of(record).nextExit();
  await sendSignal(deps, record, signal);
  if (record.state.status === 'paused') await deps.runc.resume(record.id).catch(() => undefined);
  const seconds = asked ?? record.config.StopTimeout ?? defaultTimeout;
  if (seconds < 0 || (await within(exit, seconds * 1000))) {
    await exit;
  } else {
    await killAndWait(deps, record.id);
  }
  // The clean-up that follows the end is part of it: a stopped container's ports and mounts are free.
  await deps.locks.run(record.id, () => Promise.resolve());
}

async function within(exit: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), milliseconds);
  const hasEnded = await Promise.race([exit.then(() => true), promise]);
  clearTimeout(timer);
  return hasEnded;
}
