/**
 * conmon, the parent of each container: it runs `runc create`, holds the terminal or the pipes, writes the log and the
 * exit code, and outlives the engine. Here it is started and listened to until the container's process exists.
 * https://github.com/containers/conmon (docs/conmon.8.md, src/conmon.c)
 */
import type { CgroupEntry } from './cgroup-entry.ts';
import {
  descriptorOf,
  monitorCommand,
  monitorEnvironment,
  type Monitored,
  runtimeError,
  runtimeOptions,
} from './monitor-process.ts';
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
      env: monitorEnvironment({ _OCI_SYNCPIPE: 3 }),
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    child.unref();
    const messages = await SyncPipe.open(descriptorOf(child.stdio[3]));
    try {
      const { data, message } = await messages.next('create container');
      if (data <= 0) throw runtimeError(message);
      void child.exited.then(() => this.#ended(container.id, child.pid));
      return { pid: data, monitorPid: child.pid };
    } finally {
      messages.close();
    }
  }

  #createCommand(container: ConmonContainer): string[] {
    return [
      ...monitorCommand(this.#program, container.id, container.id, container.bundle),
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
}
