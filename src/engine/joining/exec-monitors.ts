/**
 * The conmons of execs, one of them a spare: started before somebody asks, as far as its program's wait for what it is to start,
 * which is most of what an exec takes. It is of no container yet. Each exec that ends leaves one for the next; it waits for
 * some seconds, or for the engine's end, even by kill -9: its pipe closes with us.
 */
import { randomUUID } from 'node:crypto';
import { UnavailableError } from '../../lib/errors.ts';
import { ExecMonitor, type ExecRuntime, type ExecStreams } from '../runtime/exec-monitor.ts';

/** Execs that follow each other, by hand or by a script. A spare takes about 20 MB (PSS). */
const keepFor = 10_000;

export interface ExecMonitorsOptions {
  /** Path of conmon. */
  readonly conmon: string;
  /** Of an exec's files, by its name. */
  readonly directory: (name: string) => string;
  /** Ours; undefined where it can't run: no spares then. */
  readonly joining: ExecRuntime | undefined;
  /** What does the others. */
  readonly runtime: ExecRuntime;
}

export class ExecMonitors implements AsyncDisposable {
  readonly #options: ExecMonitorsOptions;
  #spare: { readonly monitor: ExecMonitor; readonly streams: ExecStreams } | undefined;
  #expiry: Timer | undefined;
  #isClosed = false;

  constructor(options: ExecMonitorsOptions) {
    this.#options = options;
  }

  /** There is going to be an exec of this kind: makes the spare unless there is one. Never fails: without it, an exec takes longer. */
  prepare(streams: ExecStreams): void {
    const { joining } = this.#options;
    if (!joining || this.#isClosed) return;
    const spare = this.#spare;
    if (spare?.monitor.isAlive && isSame(spare.streams, streams)) return;
    void this.#discard();
    try {
      this.#spare = { monitor: this.#joining(joining, streams), streams };
    } catch {
      return;
    }
    this.#expiry = setTimeout(() => void this.#discard(), keepFor);
    this.#expiry.unref();
  }

  /** One whose program joins by a request; the spare if it is of this kind. @throws UnavailableError, the system's error. */
  joining(streams: ExecStreams): ExecMonitor {
    const spare = this.#spare;
    if (spare?.monitor.isAlive && isSame(spare.streams, streams)) {
      this.#forget();
      return spare.monitor;
    }
    const { joining } = this.#options;
    if (!joining) throw new UnavailableError('cannot join a container: our own program cannot be run safely');
    return this.#joining(joining, streams);
  }

  /** One whose program is the runtime itself. @throws the system's error. */
  ofRuntime(containerId: string, streams: ExecStreams): ExecMonitor {
    return this.#start(containerId, this.#options.runtime, streams);
  }

  /** conmon wants a container's name, and passes it on; the program is told by the request. */
  #joining(joining: ExecRuntime, streams: ExecStreams): ExecMonitor {
    return this.#start('exec', joining, streams);
  }

  #start(containerId: string, runtime: ExecRuntime, streams: ExecStreams): ExecMonitor {
    const execId = randomUUID();
    const { conmon, directory } = this.#options;
    return new ExecMonitor({
      conmon,
      containerId,
      execId,
      directory: directory(execId),
      runtime,
      ...streams,
    });
  }

  #forget(): void {
    clearTimeout(this.#expiry);
    this.#spare = undefined;
  }

  async #discard(): Promise<void> {
    const spare = this.#spare;
    this.#forget();
    await spare?.monitor.discard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#discard();
  }
}

function isSame(one: ExecStreams, other: ExecStreams): boolean {
  return one.terminal === other.terminal && one.stdin === other.stdin;
}
