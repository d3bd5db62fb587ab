/** What pages that are open are told, and by whom. */
import type { Log } from '../../lib/log.ts';
import type { HubParts } from '../parts.ts';
import { Arrivals } from '../registry/arrivals.ts';
import { LiveFeeds } from './live-feeds.ts';
import { OtherCopies } from './other-copies.ts';

export interface LiveParts {
  readonly arrivals: Arrivals;
  readonly liveFeeds: LiveFeeds;
}

/** @param stack ends with the hub. */
export function openLive({ database, events }: HubParts, log: Log, stack: AsyncDisposableStack): LiveParts {
  const arrivals = new Arrivals();
  const liveFeeds = stack.use(new LiveFeeds(events, arrivals));
  stack.use(new OtherCopies({ database, events, arrivals, liveFeeds }, log));
  return { arrivals, liveFeeds };
}
