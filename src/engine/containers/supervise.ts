/** Notices the end of containers: conmon's exit files, and the end of a conmon that left none. */
import { type FSWatcher, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../lib/errors.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { containerExited, monitorEnded } from './exited.ts';
import { hasProcess } from './state.ts';

/** How often the conmons of an earlier engine, which are not our children, are looked after. */
const pollInterval = 5000;

/** After which an end that could not be written (the disk is full, say) is handled again. */
const retryInterval = 2000;

/** Disposing stops the watching; containers go on. */
export class Supervisor implements Disposable {
  readonly #deps: ContainerDependencies;
  readonly #watcher: FSWatcher;
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  #poll: ReturnType<typeof setInterval> | undefined;

  constructor(deps: ContainerDependencies) {
    this.#deps = deps;
    this.#watcher = watch(deps.paths.exits, (_event, name) => {
      if (name !== null) this.#noticed(name);
    });
    deps.conmon.onEnded((id, monitorPid) => this.#insist(id, () => monitorEnded(deps, id, monitorPid)));
  }

  /** The exits that an earlier engine missed. */
  async catchUp(): Promise<void> {
    await Promise.all(readdirSync(this.#deps.paths.exits).map((name) => this.#handle(name)));
  }

  /** Looks after conmons that an earlier engine has started. */
  watchInherited(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const watched = new Set(ids);
    this.#poll = setInterval(() => {
      for (const id of watched) this.#check(id, watched);
      if (watched.size === 0) clearInterval(this.#poll);
    }, pollInterval);
    this.#poll.unref();
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    clearInterval(this.#poll);
    for (const timer of this.#retries) clearTimeout(timer);
    this.#deps.conmon.onEnded(() => undefined);
  }

  #check(id: string, watched: Set<string>): void {
    const state = this.#deps.containers.get(id)?.state;
    if (!state || !hasProcess(state)) {
      watched.delete(id);
    } else if (!isConmon(state.monitorPid)) {
      watched.delete(id);
      this.#insist(id, () => monitorEnded(this.#deps, id, state.monitorPid));
    }
  }

  #noticed(name: string): void {
    this.#insist(name, () => this.#handle(name));
  }

  /** Temporary names of files still being written are no container's. */
  async #handle(name: string): Promise<void> {
    if (!this.#deps.containers.get(name)) return;
    const exit = readExitFile(join(this.#deps.paths.exits, name));
    if (exit) await containerExited(this.#deps, name, exit.code, exit.time);
  }

  /** Until it has been handled: whoever waits for the container would wait for ever. */
  #insist(id: string, work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      this.#deps.log.error({ id, error: messageOf(error) }, 'the end of a container was not handled yet');
      const timer = setTimeout(() => {
        this.#retries.delete(timer);
        this.#insist(id, work);
      }, retryInterval);
      this.#retries.add(timer);
    });
  }
}

/** Undefined when the file is gone: its end was handled. */
function readExitFile(path: string): { readonly code: number; readonly time: Date } | undefined {
  try {
    const code = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return { code: Number.isNaN(code) || code < 0 ? 255 : code, time: statSync(path).mtime };
  } catch {
    return undefined;
  }
}

/** A process id alone may have been given to another program. */
export function isConmon(pid: number): boolean {
  try {
    return pid > 0 && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'conmon';
  } catch {
    return false;
  }
}
