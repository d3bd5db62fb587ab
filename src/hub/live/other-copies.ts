/**
 * What happens at one copy of the hub is told to the pages that follow it at another: events that pages show, and how far layers
 * have come that arrive now. It is for pages alone, since whatever is to be kept was written by the copy where it happened.
 */
import { z } from 'zod';
import { activityOf } from '../activity/activity-of-event.ts';
import type { Conversation } from '../copies/conversation.ts';
import type { Events, HubEvent } from '../events.ts';
import type { Arrivals } from '../registry/arrivals.ts';
import type { LiveFeeds } from './live-feeds.ts';

interface Parts {
  readonly conversation: Conversation;
  readonly events: Events;
  readonly arrivals: Arrivals;
  readonly liveFeeds: LiveFeeds;
}

/** In milliseconds. */
const lookEvery = 500;
/** Layers of one repository that arrive at the same time. */
const maxArriving = 50;

const wordSchema = z.union([
  z.object({ event: z.looseObject({ kind: z.string(), repository: z.string() }) }),
  z.object({ arriving: z.number(), sizes: z.array(z.number()) }),
]);

/** Until disposed. */
export function tellOtherCopies({ conversation, events, arrivals, liveFeeds }: Parts): Disposable {
  const say = conversation.join('live', {
    hear(word, copy) {
      const { data: heard } = wordSchema.safeParse(word);
      if (!heard) return;
      if ('event' in heard) liveFeeds.hear(heard.event as unknown as HubEvent);
      else liveFeeds.arrivingElsewhere(copy, heard.arriving, heard.sizes);
    },
    missed: () => liveFeeds.changedAnywhere(),
  });
  const listening = events.listen((event) => {
    if (!('repository' in event)) return;
    if (event.kind === 'blob-pushed' || activityOf(event)) say({ event });
  });
  const looking = setInterval(() => {
    for (const [repositoryId, arriving] of arrivals.all()) {
      say({ arriving: repositoryId, sizes: [...arriving].slice(0, maxArriving).map(({ size }) => size) });
    }
  }, lookEvery);
  return {
    [Symbol.dispose]() {
      clearInterval(looking);
      listening[Symbol.dispose]();
    },
  };
}
