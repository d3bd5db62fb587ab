/** `kill`: a signal to the container's first process, without asking a program to send it. */
import { ConflictError, errnoOf } from '../../lib/errors.ts';
import { attributesOf } from './container-event.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { parseSignal } from '../../oci/runtime/signals.ts';
import { type ContainerRecord, hasProcess } from './state.ts';

type Dependencies = Pick<ContainerDependencies, 'containers' | 'live' | 'events' | 'runc'>;

const SIGKILL = 9;
const SIGTERM = 15;

/** @param signal a name with or without SIG, or a number; empty for SIGKILL. */
export async function killContainer(deps: Dependencies, name: string, signal: string): Promise<void> {
  const record = deps.containers.resolve(name);
  const number = parseSignal(signal || 'SIGKILL');
  if (!hasProcess(record.state)) {
    throw new ConflictError(`cannot kill container: ${name}: container ${record.id} is not running`);
  }
  const stopSignal = parseSignal(record.config.StopSignal || 'SIGTERM');
  if ([SIGKILL, SIGTERM, stopSignal].includes(number))
    deps.containers.update(record.id, { stoppedByUser: true });
  const exit = deps.live.of(record).nextExit();
  await sendSignal(deps, record, number);
  if (number === SIGKILL) await exit;
}

/** For remove: SIGKILL, and the end of it. */
export async function killAndWait(deps: Dependencies, id: string): Promise<void> {
  const record = deps.containers.get(id);
  if (!record || !hasProcess(record.state)) return;
  const exit = deps.live.of(record).nextExit();
  await sendSignal(deps, record, SIGKILL);
  await exit;
}

/** A frozen process takes SIGKILL only when it thaws. */
export async function sendSignal(deps: Dependencies, record: ContainerRecord, signal: number): Promise<void> {
  const { id } = record;
  signalProcess(record.state.pid, signal);
  deps.events.publish('container', 'kill', id, attributesOf(record, { signal: String(signal) }));
  // Whatever the record says: a commit freezes, too. One that is gone already needs no thaw.
  if (signal === SIGKILL) await deps.runc.resume(id).catch(() => undefined);
}

function signalProcess(pid: number, signal: number): void {
  if (pid <= 0) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
