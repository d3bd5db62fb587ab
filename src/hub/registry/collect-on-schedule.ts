/** Collects garbage now and then while the hub serves, and forgets uploads that nobody goes on with. */
import { messageOf } from '../../lib/errors.ts';
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
  parts: Pick<RunParts, 'contents'>,
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
      if (!collector.current) collector.start({ cause: 'schedule', untagged: false, dryRun: false });
      await collector.settled();
    } catch (error) {
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
