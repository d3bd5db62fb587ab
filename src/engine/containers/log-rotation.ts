/**
 * `max-file`: a log that is full becomes `.1`, and conmon is told to begin another. conmon alone would drop it, as is right
 * for a log of one file. While no engine looks, a log grows; the next one rotates it.
 */
import { messageOf } from '../../lib/errors.ts';
import { reopenLog } from '../runtime/conmon-control.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { type LogRetention, logRetention } from './log-options.ts';
import { compressLog, shiftLogs, sizeOf } from './log-set.ts';
import { hasProcess, type ContainerRecord } from './state.ts';

type Dependencies = Pick<ContainerDependencies, 'containers' | 'paths' | 'log'>;

const pollInterval = 200;

/** Above how many bytes conmon itself begins anew, dropping what there is: it counts on over our rotations. */
export function dropAbove({ maxSize, maxFiles }: LogRetention): number | undefined {
  return maxFiles === 1 ? maxSize : undefined;
}

/** Disposing ends the looking; the next engine goes on. */
export class LogRotation implements Disposable {
  readonly #deps: Dependencies;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #busy = new Set<string>();

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#timer = setInterval(() => this.#look(), pollInterval);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const record of this.#deps.containers.list()) {
      const { LogConfig: config } = record.hostConfig;
      if (!hasProcess(record.state) || !config?.Type || this.#busy.has(record.id)) continue;
      if (config.Type === 'none' || (config.Type !== 'local' && !config.Config?.['max-size'])) continue;
      void this.#rotate(record, logRetention(config));
    }
  }

  async #rotate({ id }: ContainerRecord, { maxSize, maxFiles, compress }: LogRetention): Promise<void> {
    const path = this.#deps.paths.log(id);
    if (maxSize === undefined || maxFiles < 2 || (await sizeOf(path)) < maxSize) return;
    this.#busy.add(id);
    try {
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
