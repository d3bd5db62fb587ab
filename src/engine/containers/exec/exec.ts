/** `exec`: a further process in a running container, with a conmon of its own for as long as it lives. */
import type { Duplex } from 'node:stream';
import { ConflictError, InvalidError, messageOf, UnavailableError } from '../../../lib/errors.ts';
import type { ExecPlan } from '../../joining/exec-runtime.ts';
import type { ExecStreams, MonitoredExec } from '../../runtime/exec-monitor.ts';
import { attributesOf } from '../container-event.ts';
import type { ConsoleClient } from '../attach/console.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { parseDetachKeys } from '../attach/detach-keys.ts';
import { type ExecConfig, ExecSession } from './exec-store.ts';
import { specInput } from '../launch.ts';
import { assertRunning } from '../pause.ts';
import { buildExecProcess, containerCapabilities } from '../spec/spec-process.ts';
import { buildSeccomp } from '../spec/spec-seccomp.ts';
import type { ContainerRecord } from '../state.ts';
import { joinStdio } from '../attach/stdio-stream.ts';

export type ExecDependencies = Pick<
  ContainerDependencies,
  | 'containers'
  | 'execs'
  | 'execRuntimes'
  | 'execMonitors'
  | 'snapshots'
  | 'conmon'
  | 'locks'
  | 'networks'
  | 'events'
  | 'paths'
  | 'host'
>;

/** Remembers what is to be run. @returns its id. */
export function createExec(deps: ExecDependencies, name: string, config: ExecConfig): string {
  const record = deps.containers.resolve(name);
  assertExecutable(record);
  if (config.cmd.length === 0) throw new InvalidError('No exec command specified');
  parseDetachKeys(config.detachKeys ?? '');
  deps.conmon.prepare();
  deps.execMonitors.prepare(streamsOf(config));
  const session = new ExecSession(record.id, config);
  deps.execs.add(session);
  publish(deps, record, session, 'exec_create');
  return session.id;
}

function assertExecutable(record: ContainerRecord): void {
  if (record.state.status === 'paused') {
    throw new ConflictError(`Container ${record.name} is paused, unpause the container before exec`);
  }
  assertRunning(record);
}

/** Takes the session for a start. @throws ConflictError when it was started before, or the container does not run. */
export function startableExec(deps: ExecDependencies, id: string): ExecSession {
  const session = deps.execs.get(id);
  assertExecutable(deps.containers.resolve(session.containerId));
  if (session.status === 'exited') throw new ConflictError(`Error: Exec command ${id} has already run`);
  if (session.status === 'running') throw new ConflictError(`Error: Exec command ${id} is already running`);
  session.status = 'running';
  return session;
}

/** Starts without a client. */
export async function startDetachedExec(deps: ExecDependencies, session: ExecSession): Promise<void> {
  try {
    await launchExec(deps, session, false);
  } catch (error) {
    throw asUserError(error);
  }
}

/**
 * Starts with a client's connection, and resolves when that is over. Whether output comes in frames is for the start to say.
 * What the runtime refuses is told to the client as output: the connection is its already.
 */
export async function startAttachedExec(
  deps: ExecDependencies,
  session: ExecSession,
  socket: Duplex,
  isFramed: boolean,
): Promise<void> {
  const { config } = session;
  const farewell = launchAttached(deps, session);
  const end = await joinStdio(session.console, socket, {
    tty: config.tty,
    isFramed,
    stdin: config.attachStdin,
    stdout: config.attachStdout,
    stderr: config.attachStderr,
    detachKeys: parseDetachKeys(config.detachKeys ?? ''),
    endsStdin: !config.tty,
    farewell,
  });
  const record = deps.containers.get(session.containerId);
  if (end === 'detached' && record) publish(deps, record, session, 'exec_detach');
}

/** Starts with the engine itself as the client; resolves when the process has ended and its output has come. */
export async function startWatchedExec(
  deps: ExecDependencies,
  session: ExecSession,
  client: Pick<ConsoleClient, 'output'>,
): Promise<void> {
  const { promise: outputEnded, resolve } = Promise.withResolvers<void>();
  session.console.add({
    reads: true,
    output: (stream, bytes) => client.output(stream, bytes),
    ended: resolve,
  });
  const finished = await launchExec(deps, session, true);
  await Promise.all([finished.exit, outputEnded]);
}

/** Resolves at the end of the process, or to what the client is to be told when there is none. */
async function launchAttached(deps: ExecDependencies, session: ExecSession): Promise<Uint8Array | undefined> {
  try {
    const finished = await launchExec(deps, session, true);
    // Whoever sees the end of the stream asks for the exit code.
    await finished.exit;
    return undefined;
  } catch (error) {
    session.console.fail();
    return new TextEncoder().encode(`${messageOf(asUserError(error))}\r\n`);
  }
}

/** @param isAttached the session's console gets the output. */
async function launchExec(
  deps: ExecDependencies,
  session: ExecSession,
  isAttached: boolean,
): Promise<{ readonly exit: Promise<void> }> {
  const record = deps.containers.resolve(session.containerId);
  const streams = streamsOf(session.config);
  deps.conmon.prepare();
  // A commit may hold the container still: wait for its end.
  await deps.locks.run(record.id, async () => undefined);
  try {
    const plan = await planExec(deps, record, session);
    const request = deps.execRuntimes.requestFor(plan);
    publish(deps, record, session, 'exec_start');
    const monitor = request
      ? deps.execMonitors.joining(streams)
      : deps.execMonitors.ofRuntime(record.id, streams);
    try {
      await monitor.listening();
      if (isAttached) await session.console.connect(monitor.attachSocket);
      const monitored = await monitor.start(request ?? plan.process);
      session.pid = monitored.pid;
      session.directory = monitor.directory;
      return { exit: finish(deps, record, session, monitored) };
    } catch (error) {
      await monitor.discard();
      throw error;
    }
  } catch (error) {
    ended(deps, session, exitCodeFor(messageOf(error)));
    throw error;
  }
}

function streamsOf(config: ExecConfig): ExecStreams {
  return { terminal: config.tty, stdin: config.attachStdin };
}

async function planExec(
  deps: ExecDependencies,
  record: ContainerRecord,
  { config }: ExecSession,
): Promise<ExecPlan> {
  const input = specInput(deps, record, await deps.snapshots.mount(record.id));
  const process = buildExecProcess(input, {
    args: config.cmd,
    env: config.env,
    user: config.user,
    workingDir: config.workingDir,
    tty: config.tty,
    privileged: config.privileged,
    ...(config.consoleSize ? { consoleSize: config.consoleSize } : {}),
  });
  return {
    containerId: record.id,
    process,
    seccomp: buildSeccomp(input),
    containerCapabilities: containerCapabilities(input),
    isPrivileged: record.hostConfig.Privileged ?? false,
  };
}

async function finish(
  deps: ExecDependencies,
  record: ContainerRecord,
  session: ExecSession,
  monitored: MonitoredExec,
): Promise<void> {
  const exitCode = await monitored.exitCode;
  ended(deps, session, exitCode);
  const attributes = attributesOf(record, { execID: session.id, exitCode: String(exitCode) });
  deps.events.publish('container', 'exec_die', record.id, attributes);
  // The next one is often of the same kind, and soon.
  deps.execMonitors.prepare(streamsOf(session.config));
}

function ended(deps: ExecDependencies, session: ExecSession, exitCode: number): void {
  session.status = 'exited';
  session.exitCode = exitCode;
  session.pid = 0;
  deps.execs.expire(session.id);
}

function exitCodeFor(message: string): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  return 126;
}

function asUserError(error: unknown): unknown {
  if (!(error instanceof UnavailableError)) return error;
  const text = error.message.replace(/^OCI runtime error: /, '');
  return new InvalidError(`OCI runtime exec failed: ${text}: unknown`, { cause: error });
}

function publish(
  deps: Pick<ExecDependencies, 'events'>,
  record: ContainerRecord,
  { id, config }: ExecSession,
  action: 'exec_create' | 'exec_start' | 'exec_detach',
): void {
  const suffix = action === 'exec_detach' ? '' : `: ${config.cmd.join(' ')}`;
  deps.events.publish('container', `${action}${suffix}`, record.id, attributesOf(record, { execID: id }));
}
