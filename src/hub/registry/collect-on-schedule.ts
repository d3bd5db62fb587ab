/** Collects garbage now and then while the hub serves, and forgets uploads that nobody goes on with. */
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { HubConfig } from '../config.ts';
import type { LayerFiles } from '../files/layer-files.ts';
import type { Events } from '../events.ts';
import { collectGarbage, type CollectParts } from './collect-garbage.ts';
import { sweepUploads } from './upload-session.ts';

interface ScheduleParts extends CollectParts {
  readonly layerFiles: LayerFiles;
  readonly events: Events;
}

const hour = 3600_000;
/** A hub that is restarted every day collects as well. */
const firstAfter = 10 * 60_000;

/** @param interval 0: garbage stays until `cais hub gc`. Runs until disposed; a run under way then ends at its next step. */
export function collectOnSchedule(
  parts: ScheduleParts,
  { grace, interval }: HubConfig['garbage'],
  log: Log,
): AsyncDisposable {
  const stop = new AbortController();
  const every = interval || hour;
  let running = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      await sweepUploads(parts);
      if (interval === 0) return;
      const before = new Date(Date.now() - grace);
      const collected = await collectGarbage(parts, {
        before,
        untagged: false,
        dryRun: false,
        signal: stop.signal,
      });
      await parts.layerFiles.sweep();
      if (collected.blobs > 0) parts.events.report({ kind: 'garbage-collected', ...collected });
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'cannot collect garbage');
    }
  };
  const schedule = (delay: number): NodeJS.Timeout => {
    const next = setTimeout(() => {
      running = run().finally(() => {
        if (!stop.signal.aborted) timer = schedule(every);
      });
    }, delay);
    return next.unref();
  };
  let timer = schedule(Math.min(every, firstAfter));
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
