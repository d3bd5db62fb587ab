/** What lives in memory only, beside a container's record: who is attached, who waits, what restarts it. */
import type { RestartBackOff } from './restart-policy.ts';
import { Console } from './attach/console.ts';
import type { ContainerRecord } from './state.ts';

export interface ExitResult {
  readonly exitCode: number;
}

export class LiveContainer {
  readonly console: Console;
  backOff: RestartBackOff | undefined;
  /** `NAME=value`, for the process alone: no record has them. */
  secretEnvironment: readonly string[] = [];
  restartTimer: ReturnType<typeof setTimeout> | undefined;
  #exit = Promise.withResolvers<ExitResult>();
  readonly #removed = Promise.withResolvers<ExitResult>();

  constructor(record: ContainerRecord) {
    this.console = new Console(closesStdin(record));
  }

  /** Resolves at the next end of the process. */
  nextExit(): Promise<ExitResult> {
    return this.#exit.promise;
  }

  /** Resolves when the container is gone. */
  removed(): Promise<ExitResult> {
    return this.#removed.promise;
  }

  exited(result: ExitResult): void {
    const { resolve } = this.#exit;
    this.#exit = Promise.withResolvers();
    resolve(result);
  }

  wasRemoved(result: ExitResult): void {
    this.#exit.resolve(result);
    this.#removed.resolve(result);
  }

  cancelRestart(): void {
    clearTimeout(this.restartTimer);
    this.restartTimer = undefined;
  }
}

/** Docker's StdinOnce: the first client that ends its input ends the container's. A terminal stays open. */
export function closesStdin(record: ContainerRecord): boolean {
  const { OpenStdin, StdinOnce, Tty } = record.config;
  return OpenStdin === true && StdinOnce === true && Tty !== true;
}

export class LiveContainers {
  readonly #containers = new Map<string, LiveContainer>();
  readonly #releasing = new Set<Promise<void>>();

  of(record: ContainerRecord): LiveContainer {
    const known = this.#containers.get(record.id);
    if (known) return known;
    const live = new LiveContainer(record);
    this.#containers.set(record.id, live);
    return live;
  }

  /** After the container was removed. */
  forget(id: string, result: ExitResult): void {
    this.#containers.get(id)?.wasRemoved(result);
    this.#containers.get(id)?.console.processEnded();
    this.#containers.delete(id);
  }

  /** Remembers that a container's network is being given back. */
  async releasing(disconnected: Promise<void>): Promise<void> {
    this.#releasing.add(disconnected);
    try {
      await disconnected;
    } finally {
      this.#releasing.delete(disconnected);
    }
  }

  /** For one that publishes ports: waits until those of containers that have just ended are free. */
  async portsReleased({ hostConfig }: ContainerRecord): Promise<void> {
    if (Object.keys(hostConfig.PortBindings ?? {}).length > 0) await Promise.allSettled(this.#releasing);
  }

  [Symbol.iterator](): IterableIterator<LiveContainer> {
    return this.#containers.values();
  }
}
