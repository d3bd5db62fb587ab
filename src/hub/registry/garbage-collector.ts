/** The collector of a hub that serves: one run at a time, by the clock or by an administrator, who can look at it and stop it. */
import { ConflictError, messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { NewCollection } from '../administration/collection-store.ts';
import type { LayerFiles } from '../files/layer-files.ts';
import { byItself } from '../request-context.ts';
import type { Collected } from './collect-garbage.ts';
import { runCollection, type RunParts } from './run-collection.ts';

interface Parts extends RunParts {
  readonly layerFiles: LayerFiles;
}

export interface CurrentRun extends NewCollection, Collected {
  readonly startedAt: number;
}

export class GarbageCollector implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #grace: number;
  readonly #log: Log;
  #current: CurrentRun | undefined;
  #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** How many have ended since the start, and how. */
  readonly runs = { done: 0, failed: 0 };

  /** @param grace in milliseconds. */
  constructor(parts: Parts, grace: number, log: Log) {
    this.#parts = parts;
    this.#grace = grace;
    this.#log = log;
  }

  get current(): CurrentRun | undefined {
    return this.#current;
  }

  /** Begins a run and does not wait for its end. @throws ConflictError while another one goes on, at whichever copy of the hub. */
  async start(asked: NewCollection): Promise<void> {
    if (this.#current || this.#isClosed) throw new ConflictError('garbage is being collected already');
    this.#stop = new AbortController();
    this.#current = { ...asked, startedAt: Date.now(), manifests: 0, blobs: 0, bytes: 0 };
    const begun = Promise.withResolvers<void>();
    this.#ended = byItself(() => this.#run(asked, begun)).finally(() => (this.#current = undefined));
    await begun.promise;
  }

  /** Waits for the end of the run under way. */
  async settled(): Promise<void> {
    await this.#ended;
  }

  /** The run under way ends at its next step. Idempotent. */
  stop(): void {
    this.#stop.abort();
  }

  /** Forgets what this copy of the hub knows of layers that are gone, whichever copy has collected them. */
  async sweepLayerFiles(): Promise<void> {
    await this.#parts.layerFiles.sweep();
  }

  async #run(asked: NewCollection, begun: PromiseWithResolvers<void>): Promise<void> {
    const { signal } = this.#stop;
    let isBegun = false;
    const onProgress = (collected: Collected): void => {
      if (this.#current) this.#current = { ...this.#current, ...collected };
    };
    try {
      const onBegun = (): void => {
        isBegun = true;
        begun.resolve();
      };
      await runCollection(this.#parts, { ...asked, grace: this.#grace, signal, onBegun, onProgress });
      if (!asked.dryRun) await this.sweepLayerFiles();
      this.runs.done += 1;
    } catch (error) {
      if (!isBegun) begun.reject(error);
      else {
        this.runs.failed += 1;
        this.#log.warn({ reason: messageOf(error) }, 'cannot collect garbage');
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.stop();
    await this.#ended;
  }
}
