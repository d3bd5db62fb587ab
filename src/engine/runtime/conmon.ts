/**
 * conmon, the parent of each container: it runs `runc create`, holds the terminal or the pipes, writes the log and the
 * exit code, and outlives the engine. Here it is started and listened to until the container's process exists.
 * https://github.com/containers/conmon (docs/conmon.8.md, src/conmon.c)
 */
import { join } from 'node:path';
import { UnavailableError } from '../../lib/errors.ts';
import type { ExecRuntime } from '../joining/exec-runtime.ts';
import type { CgroupEntry } from './cgroup-entry.ts';
import type { Runc } from './runc.ts';
import { SyncPipe } from './sync-pipe.ts';

export interface ConmonContainer {
  readonly id: string;
  /** Holds config.json; conmon puts its sockets and fifos there. */
  readonly bundle: string;
  readonly terminal: boolean;
  /** Keeps a pipe to the container's stdin. */
  readonly stdin: boolean;
  /** What closes the attach socket leaves the container's stdin open. */
  readonly leaveStdinOpen: boolean;
  /** A k8s-file log; undefined for none. */
  readonly logPath: string | undefined;
  /** Starts the log anew above this many bytes; undefined for no limit. */
  readonly logSizeMax?: number | undefined;
}

export interface ConmonExec {
  /** Of the container. */
  readonly id: string;
  readonly execId: string;
  /** A directory of its own, for the attach socket and the fifos. */
  readonly directory: string;
  readonly runtime: ExecRuntime;
  readonly terminal: boolean;
  readonly stdin: boolean;
  /** Called when the attach socket listens and before the process starts; undefined: nobody attaches. */
  readonly attach: (() => Promise<void>) | undefined;
}

export interface Monitored {
  readonly pid: number;
  readonly monitorPid: number;
}

export interface MonitoredExec extends Monitored {
  readonly exitCode: Promise<number>;
}

/** Inherited descriptors, by the number that Bun gives the fourth and later of `stdio`. */
const descriptors = { _OCI_SYNCPIPE: '3', _OCI_STARTPIPE: '4', _OCI_ATTACHPIPE: '5' };
const execPipes = ['_OCI_SYNCPIPE'] as const;
const attachedExecPipes = ['_OCI_SYNCPIPE', '_OCI_STARTPIPE', '_OCI_ATTACHPIPE'] as const;

export class Conmon {
  readonly #program: string;
  readonly #runc: Runc;
  readonly #exitDirectory: string;
  readonly #cgroupEntry: CgroupEntry;
  #ended: (id: string, monitorPid: number) => void = () => undefined;

  /** @param exitDirectory where conmon leaves `<container id>` with the exit code in it. */
  constructor(program: string, runc: Runc, exitDirectory: string, cgroupEntry: CgroupEntry) {
    this.#program = program;
    this.#runc = runc;
    this.#exitDirectory = exitDirectory;
    this.#cgroupEntry = cgroupEntry;
  }

  /** Tells when the conmon of a container has ended, with an exit file or without. */
  onEnded(listener: (id: string, monitorPid: number) => void): void {
    this.#ended = listener;
  }

  /** A process is going to be started, soon: what it will have to wait for begins now. Optional. */
  prepare(): void {
    this.#cgroupEntry.prepare();
  }

  /**
   * Creates the container: its process exists and waits for `Runc.release`.
   * @throws UnavailableError with the runtime's own words.
   */
  async create(container: ConmonContainer): Promise<Monitored> {
    const child = Bun.spawn(this.#createCommand(container), {
      cwd: container.bundle,
      env: environment('_OCI_SYNCPIPE'),
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    child.unref();
    const messages = await SyncPipe.open(descriptor(child.stdio[3]));
    try {
      const { data, message } = await messages.next('create container');
      if (data <= 0) throw new UnavailableError(runtimeError(message));
      void child.exited.then(() => this.#ended(container.id, child.pid));
      return { pid: data, monitorPid: child.pid };
    } finally {
      messages.close();
    }
  }

  /** Starts a further process in a running container. @throws UnavailableError with the runtime's own words. */
  async exec(exec: ConmonExec): Promise<MonitoredExec> {
    const { attach } = exec;
    const child = Bun.spawn(this.#execCommand(exec), {
      cwd: exec.directory,
      env: { ...environment(...(attach ? attachedExecPipes : execPipes)), ...exec.runtime.environment },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'pipe', ...inherited(exec.runtime)],
    });
    child.unref();
    const [messages, startPipe, attachPipe] = await Promise.all(
      [3, 4, 5].map((number) => SyncPipe.open(descriptor(child.stdio[number]))),
    );
    if (!messages || !startPipe || !attachPipe) throw new UnavailableError('cannot start conmon: no pipes');
    try {
      if (attach) {
        startPipe.signal();
        await attachPipe.next('exec');
        await attach();
        startPipe.signal();
      }
      const { data, message } = await messages.next('exec');
      if (data <= 0) throw new UnavailableError(runtimeError(message));
      return {
        pid: data,
        monitorPid: child.pid,

        exitCode: exitCodeOf(messages),
      };
    } catch (error) {
      messages.close();
      throw error;
    } finally {
      startPipe.close();
      attachPipe.close();
    }
  }

  #createCommand(container: ConmonContainer): string[] {
    return [
      ...this.#command(container.id, container.id, container.bundle),
      ...runtimeOptions(this.#runc.program, this.#runc.globalArguments),
      '--exit-dir',
      this.#exitDirectory,
      '--log-path',
      container.logPath === undefined ? 'off' : `k8s-file:${container.logPath}`,
      ...(container.logSizeMax === undefined ? [] : ['--log-size-max', String(container.logSizeMax)]),
      ...(container.terminal ? ['--terminal'] : []),
      ...(container.stdin ? ['--stdin'] : []),
      ...(container.leaveStdinOpen ? ['--leave-stdin-open'] : []),
    ];
  }

  #execCommand(exec: ConmonExec): string[] {
    return [
      ...this.#command(exec.id, exec.execId, exec.directory),
      ...runtimeOptions(programPath(exec.runtime), exec.runtime.arguments),
      '--exec',
      '--exec-process-spec',
      exec.runtime.specPath,
      '--log-path',
      'off',
      ...(exec.attach ? ['--exec-attach'] : []),
      ...(exec.terminal ? ['--terminal'] : []),
      ...(exec.stdin ? ['--stdin'] : []),
    ];
  }

  #command(id: string, unique: string, directory: string): string[] {
    const options = {
      '--api-version': '1',
      '--log-level': 'error',
      '--cid': id,
      '--cuuid': unique,
      '--name': unique,
      '--bundle': directory,
      '--container-pidfile': join(directory, 'pidfile'),
    };
    return [this.#program, '--sync', '--full-attach', '--no-sync-log', ...Object.entries(options).flat()];
  }
}

function runtimeOptions(program: string, globalArguments: readonly string[]): string[] {
  return ['--runtime', program, ...globalArguments.map((argument) => `--runtime-arg=${argument}`)];
}

/** The seventh of `stdio`, in conmon and in what it starts. */
const inheritedProgram = '/proc/self/fd/6';

function inherited({ program }: ExecRuntime): number[] {
  return typeof program === 'number' ? [program] : [];
}

function programPath({ program }: ExecRuntime): string {
  return typeof program === 'number' ? inheritedProgram : program;
}

function environment(...names: (keyof typeof descriptors)[]): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...Object.fromEntries(names.map((name) => [name, descriptors[name]])),
  };
}

function descriptor(end: unknown): number {
  if (typeof end === 'number') return end;
  throw new UnavailableError('cannot start conmon: no pipe to it');
}

/** The second message of an exec; a conmon that was killed sends none, and its process counts as killed, too. */
async function exitCodeOf(messages: SyncPipe): Promise<number> {
  try {
    const { data } = await messages.next('exec');
    return data < 0 ? 137 : data;
  } catch {
    return 137;
  } finally {
    messages.close();
  }
}

/** As docker words it; its CLI reads from this text whether to exit with 126 or 127. */
function runtimeError(message: string | undefined): string {
  const text = message?.trim() ?? '';
  return `OCI runtime error: ${text === '' ? 'the runtime gave no reason' : text}`;
}
