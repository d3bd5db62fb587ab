/**
 * `max-file`: a log that is full becomes `.1`, and conmon is told to begin another. conmon alone would drop it, as is right
 * for a log of one file. While no engine looks, a log grows; the next one rotates it.
 */
import { messageOf } from '../../../lib/errors.ts';
import type { EngineEvent } from '../../events.ts';
import { reopenLog } from '../../runtime/conmon-control.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { type LogRetention, logRetention } from './log-options.ts';
import { compressLog, shiftLogs, sizeOf } from './log-set.ts';
import { hasProcess } from '../state.ts';

type Dependencies = Pick<ContainerDependencies, 'containers' | 'events' | 'paths' | 'log'>;

const pollInterval = 200;

/** Above how many bytes conmon itself begins anew, dropping what there is: it counts on over our rotations. */
export function dropAbove({ maxSize, maxFiles }: LogRetention): number | undefined {
  return maxFiles === 1 ? maxSize : undefined;
}

/** Looks only while a container runs whose log is to be rotated. Disposing ends the looking; the next engine goes on. */
export class LogRotation implements Disposable {
  readonly #deps: Dependencies;
  readonly #watched = new Map<string, LogRetention>();
  readonly #busy = new Set<string>();
  readonly #unsubscribe: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#unsubscribe = deps.events.subscribe((event) => this.#noticed(event));
  }

  /** Takes up what an earlier engine has looked at. */
  resume(): void {
    for (const { id, state } of this.#deps.containers.list()) if (hasProcess(state)) this.#begin(id);
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    clearInterval(this.#timer);
  }

  #noticed({ Type, Action, Actor }: EngineEvent): void {
    const id = Actor?.ID;
    if (Type !== 'container' || id === undefined) return;
    if (Action === 'start') this.#begin(id);
    else if (Action === 'die') this.#end(id);
  }

  #begin(id: string): void {
    const config = this.#deps.containers.get(id)?.hostConfig.LogConfig;
    if (!config?.Type || config.Type === 'none') return;
    const retention = logRetention(config);
    if (retention.maxSize === undefined || retention.maxFiles < 2) return;
    this.#watched.set(id, retention);
    this.#timer ??= setInterval(() => this.#look(), pollInterval).unref();
  }

  #end(id: string): void {
    if (!this.#watched.delete(id) || this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    for (const [id, retention] of this.#watched) if (!this.#busy.has(id)) void this.#rotate(id, retention);
  }

  async #rotate(id: string, { maxSize = Infinity, maxFiles, compress }: LogRetention): Promise<void> {
    const path = this.#deps.paths.log(id);
    this.#busy.add(id);
    try {
      if ((await sizeOf(path)) < maxSize) return;
      await shiftLogs(path, maxFiles - 1);
      // Until it has done so, it writes to what is `.1` now: no line is lost.
      reopenLog(this.#deps.paths.bundle(id));
      if (compress) {
        await Bun.sleep(pollInterval);
        await compressLog(`${path}.1`);
      }
    } catch (error) {
      if (this.#deps.containers.get(id)) {
        this.#deps.log.warn({ id, error: messageOf(error) }, 'a log could not be rotated');
      }
    } finally {
      this.#busy.delete(id);
    }
  }
}
