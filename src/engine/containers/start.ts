/** `start`: a created or ended container gets a process. */
import {
  ConflictError,
  InvalidError,
  messageOf,
  UnavailableError,
  UnchangedError,
} from '../../lib/errors.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { launch } from './launch.ts';
import { removeRecord } from './remove.ts';
import type { ContainerRecord } from './state.ts';

/**
 * @throws UnchangedError when it runs already, InvalidError with the runtime's words when the program cannot be run.
 */
export async function startContainer(deps: ContainerDependencies, name: string): Promise<void> {
  const { id } = deps.containers.resolve(name);
  await deps.locks.run(id, () => startLocked(deps, id));
}

/** For callers that hold the lock. */
export async function startLocked(deps: ContainerDependencies, id: string): Promise<void> {
  const record = deps.containers.resolve(id);
  assertStartable(record);
  deps.live.of(record).cancelRestart();
  const fresh = deps.containers.update(id, { stoppedByUser: false });
  try {
    await launch(deps, fresh);
  } catch (cause) {
    const error = asUserError(cause);
    await failed(deps, fresh, error);
    throw error;
  }
}

function assertStartable({ state, id }: ContainerRecord): void {
  if (state.status === 'running') throw new UnchangedError(`container ${id} is already started`);
  if (state.status === 'paused') {
    throw new ConflictError('cannot start a paused container, try unpause instead');
  }
  if (state.status === 'removing' || state.status === 'dead') {
    throw new ConflictError('container is marked for removal and cannot be started');
  }
}

/** The record keeps why; who is attached or waits is told; `--rm` takes the container away. */
async function failed(deps: ContainerDependencies, record: ContainerRecord, error: unknown): Promise<void> {
  const message = messageOf(error);
  const exitCode = exitCodeFor(message);
  deps.containers.setState(record.id, {
    status: record.state.status === 'restarting' ? 'exited' : record.state.status,
    pid: 0,
    monitorPid: 0,
    exitCode,
    error: message,
  });
  const live = deps.live.of(record);
  live.console.fail();
  live.exited({ exitCode });
  if (record.hostConfig.AutoRemove) await removeRecord(deps, record, { withVolumes: true });
}

/** As the CLI reads them out of the same text. */
function exitCodeFor(message: string): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  if (/permission denied|is a directory/.test(message)) return 126;
  return 128;
}

/** What the runtime refuses is the request's fault: the API answers 400, as docker's does. */
function asUserError(error: unknown): unknown {
  if (!(error instanceof UnavailableError) || !error.message.startsWith('OCI runtime error: ')) return error;
  const text = error.message.slice('OCI runtime error: '.length);
  return new InvalidError(
    `failed to create task for container: OCI runtime create failed: ${text}: unknown`,
    {
      cause: error,
    },
  );
}
