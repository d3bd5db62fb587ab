/** What pages that are open are told, and by whom. */
import type { Conversation } from '../copies/conversation.ts';
import type { HubParts } from '../parts.ts';
import { Arrivals } from '../registry/arrivals.ts';
import { LiveFeeds } from './live-feeds.ts';
import { tellOtherCopies } from './other-copies.ts';

export interface LiveParts {
  readonly arrivals: Arrivals;
  readonly liveFeeds: LiveFeeds;
}

/** @param stack ends with the hub. */
export function openLive(
  { events }: HubParts,
  conversation: Conversation,
  stack: AsyncDisposableStack,
): LiveParts {
  const arrivals = new Arrivals();
  const liveFeeds = stack.use(new LiveFeeds(events, arrivals));
  stack.use(tellOtherCopies({ conversation, events, arrivals, liveFeeds }));
  return { arrivals, liveFeeds };
}
