/** Collects garbage now and then while the hub serves, and forgets uploads that nobody goes on with. */
import { ConflictError, messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { HubConfig } from '../config.ts';
import type { GarbageCollector } from './garbage-collector.ts';
import type { RunParts } from './run-collection.ts';
import { sweepUploads } from './upload-session.ts';

const hour = 3600_000;
/** A hub that is restarted every day collects as well. */
const firstAfter = 10 * 60_000;

/** @param interval 0: garbage stays until somebody asks. Runs until disposed. */
export function collectOnSchedule(
  parts: Pick<RunParts, 'contents' | 'collections'>,
  collector: GarbageCollector,
  interval: HubConfig['garbage']['interval'],
  log: Log,
): AsyncDisposable {
  let isStopped = false;
  const every = interval || hour;
  let running = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      if (interval === 0) return await sweepUploads(parts);
      if (collector.current) return await collector.settled();
      if (await isCollectedSince(parts, Date.now() - every / 2)) return await collector.sweepLayerFiles();
      await collector.start({ cause: 'schedule', untagged: false, dryRun: false });
      await collector.settled();
    } catch (error) {
      // Another copy of the hub is at it.
      if (error instanceof ConflictError) return;
      log.warn({ reason: messageOf(error) }, 'cannot collect garbage');
    }
  };
  const schedule = (delay: number): NodeJS.Timeout => {
    const next = setTimeout(() => {
      running = run().finally(() => {
        if (!isStopped) timer = schedule(every);
      });
    }, delay);
    return next.unref();
  };
  let timer = schedule(Math.min(every, firstAfter));
  return {
    async [Symbol.asyncDispose]() {
      isStopped = true;
      clearTimeout(timer);
      collector.stop();
      await running;
    },
  };
}

/** By the clock of another copy of the hub, or of this one before it was started again. */
async function isCollectedSince(
  { collections }: Pick<RunParts, 'collections'>,
  time: number,
): Promise<boolean> {
  const all = await collections.list();
  return all.some(({ cause, started_at }) => cause === 'schedule' && started_at > time);
}
