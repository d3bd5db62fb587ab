/**
 * The conmon of one exec: it starts a program that starts the process in the container, holds the terminal or the pipes, and
 * tells the exit code. It gets as far as it can before the process is known: what to start is a file in its directory, which
 * that program reads when it is told to go on.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  descriptorOf,
  monitorCommand,
  monitorEnvironment,
  type Monitored,
  runtimeError,
  runtimeOptions,
} from './monitor-process.ts';
import { SyncPipe } from './sync-pipe.ts';

/** Who starts the process inside. */
export interface ExecRuntime {
  /** A path, or a descriptor that is to be inherited: it is what runs then. */
  readonly program: string | number;
  /** Before the verb. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** True: it is started at once, and waits for a byte on `goOnDescriptor` itself. False: conmon waits before it starts it. */
  readonly waits: boolean;
}

export interface ExecStreams {
  readonly terminal: boolean;
  readonly stdin: boolean;
}

export interface ExecMonitorOptions extends ExecStreams {
  /** Path of conmon. */
  readonly conmon: string;
  /** Of the container; a runtime of ours reads it from the request instead. */
  readonly containerId: string;
  readonly execId: string;
  /** Made here, removed at the end. */
  readonly directory: string;
  readonly runtime: ExecRuntime;
}

export interface MonitoredExec extends Monitored {
  readonly exitCode: Promise<number>;
}

/** Numbers that conmon and what it starts inherit: Bun gives the fourth and later of `stdio` theirs by their place. */
export const goOnDescriptor = 5;
const pipes = { _OCI_SYNCPIPE: 3, _OCI_ATTACHPIPE: 4 };
const inheritedProgram = '/proc/self/fd/6';

export class ExecMonitor {
  readonly directory: string;
  readonly #child: Bun.Subprocess;
  readonly #pipes: Promise<readonly SyncPipe[]>;
  readonly #waits: boolean;
  #removed: Promise<void> | undefined;

  /** Starts conmon. @throws the system's error. */
  constructor(options: ExecMonitorOptions) {
    const { runtime, directory } = options;
    this.directory = directory;
    this.#waits = runtime.waits;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#child = Bun.spawn(command(options), {
      cwd: directory,
      env: {
        ...monitorEnvironment(runtime.waits ? pipes : { ...pipes, _OCI_STARTPIPE: goOnDescriptor }),
        ...runtime.environment,
      },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'pipe', ...inherited(runtime)],
    });
    this.#child.unref();
    this.#pipes = Promise.all(
      [3, 4, 5].map((number) => SyncPipe.open(descriptorOf(this.#child.stdio[number]))),
    );
    // Told to whoever waits for it; a spare may have nobody.
    this.#pipes.catch(() => undefined);
    void this.#child.exited.then(() => this.#remove());
  }

  /** False when something has ended it: it can't be used. */
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends output to whoever is connected, and nowhere else: connect before `start`. */
  get attachSocket(): string {
    return join(this.directory, 'attach');
  }

  /** Resolves when the attach socket listens. @throws UnavailableError */
  async listening(): Promise<void> {
    const [, attach, goOn] = await this.#pipes;
    // The first byte of the start pipe: we have put it where we want it, which is where we are.
    if (!this.#waits) goOn?.signal();
    await attach?.next('exec');
  }

  /**
   * Starts the process; after `listening`.
   * @param request what the runtime is to start, in its own form. @throws UnavailableError with the runtime's own words.
   */
  async start(request: unknown): Promise<MonitoredExec> {
    // Into memory as a rule: not worth a thread.
    writeFileSync(requestPath(this.directory), JSON.stringify(request), { mode: 0o600 });
    const [messages, attach, goOn] = await this.#pipes;
    if (!messages) throw runtimeError(undefined);
    try {
      goOn?.signal();
      const { data, message } = await messages.next('exec');
      if (data <= 0) throw runtimeError(message);
      return { pid: data, monitorPid: this.#child.pid, exitCode: exitCodeOf(messages) };
    } catch (error) {
      messages.close();
      throw error;
    } finally {
      attach?.close();
      goOn?.close();
    }
  }

  /** Gives up what has not been started: the program reads the end of its pipe, and conmon ends with it. Idempotent. */
  async discard(): Promise<void> {
    const pipes = await this.#pipes.catch(() => undefined);
    if (!pipes) this.#child.kill();
    for (const pipe of pipes ?? []) pipe.close();
    await this.#child.exited;
    await this.#remove();
  }

  /** A directory that stays is removed at the engine's next start. */
  #remove(): Promise<void> {
    this.#removed ??= rm(this.directory, { recursive: true, force: true }).catch(() => undefined);
    return this.#removed;
  }
}

function requestPath(directory: string): string {
  return join(directory, 'process.json');
}

function command({ conmon, containerId, execId, directory, runtime, terminal, stdin }: ExecMonitorOptions) {
  const program = typeof runtime.program === 'number' ? inheritedProgram : runtime.program;
  return [
    ...monitorCommand(conmon, containerId, execId, directory),
    ...runtimeOptions(program, runtime.arguments),
    '--exec',
    '--exec-process-spec',
    requestPath(directory),
    '--exec-attach',
    '--log-path',
    'off',
    ...(terminal ? ['--terminal'] : []),
    ...(stdin ? ['--stdin'] : []),
  ];
}

function inherited({ program }: ExecRuntime): number[] {
  return typeof program === 'number' ? [program] : [];
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
