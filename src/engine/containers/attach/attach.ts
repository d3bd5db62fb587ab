/** `attach`: a client's connection joined to a container's console; to a created one, it waits for the start. */
import type { Duplex } from 'node:stream';
import { ConflictError } from '../../../lib/errors.ts';
import { attributesOf } from '../container-event.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { closesStdin } from '../live.ts';
import { readLog } from '../logs/logs.ts';
import { type ContainerRecord, hasProcess } from '../state.ts';
import { joinStdio } from './stdio-stream.ts';

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Follow; without it only the log so far is sent. */
  readonly stream: boolean;
  /** The log so far comes first. */
  readonly logs: boolean;
  readonly detachKeys: Uint8Array;
  /** Without frames, whatever the container has. */
  readonly isRaw?: boolean;
}

type Dependencies = Pick<ContainerDependencies, 'containers' | 'live' | 'events' | 'paths'>;

/** @throws NotFoundError; ConflictError when it is paused or restarting. Called before the connection is accepted. */
export function attachable({ containers }: Pick<Dependencies, 'containers'>, name: string): ContainerRecord {
  const record = containers.resolve(name);
  const { status } = record.state;
  if (status === 'paused') {
    throw new ConflictError(`container ${record.id} is paused, unpause the container before attach`);
  }
  if (status === 'restarting') {
    throw new ConflictError(`container ${record.id} is restarting, wait until the container is running`);
  }
  return record;
}

/** Resolves when the client has left or the process has ended; the connection is ended then. */
export async function attach(
  deps: Dependencies,
  record: ContainerRecord,
  socket: Duplex,
  options: AttachOptions,
): Promise<void> {
  deps.events.publish('container', 'attach', record.id, attributesOf(record));
  if (options.logs) await sendLog(deps, record, socket, options);
  if (!options.stream) {
    socket.end();
    return;
  }
  const end = await stream(deps, record, socket, options);
  if (end === 'detached') deps.events.publish('container', 'detach', record.id, attributesOf(record));
}

async function stream(
  deps: Dependencies,
  record: ContainerRecord,
  socket: Duplex,
  options: AttachOptions,
): Promise<string> {
  const { console } = deps.live.of(record);
  const tty = record.config.Tty ?? false;
  const joined = joinStdio(console, socket, {
    ...options,
    tty,
    isFramed: !tty && !options.isRaw,
    stdin: options.stdin && record.config.OpenStdin === true,
    endsStdin: closesStdin(record),
  });
  const now = deps.containers.get(record.id);
  if (now && hasProcess(now.state)) await console.connect(deps.paths.attachSocket(record.id));
  return joined;
}

async function sendLog(
  deps: Dependencies,
  record: ContainerRecord,
  socket: Duplex,
  { stdout, stderr, isRaw }: AttachOptions,
): Promise<void> {
  const log = readLog(deps, record, { stdout, stderr, isRaw });
  for await (const chunk of log) {
    if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
  }
}
