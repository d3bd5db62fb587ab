/**
 * What happens at one copy of the hub is told to the pages that follow it at another: events that pages show, and how far layers
 * have come that arrive now. Many events are one message, so that a busy hub says little; they are for pages alone, since whatever
 * is to be kept was written by the copy where it happened.
 */
import { z } from 'zod';
import type { Log } from '../../lib/log.ts';
import { activityOf } from '../activity/activity-of-event.ts';
import type { HubDatabase } from '../db/database.ts';
import { DelayedWrite } from '../db/delayed-write.ts';
import type { Events, HubEvent } from '../events.ts';
import type { Arrivals } from '../registry/arrivals.ts';
import type { LiveFeeds } from './live-feeds.ts';

interface Parts {
  readonly database: HubDatabase;
  readonly events: Events;
  readonly arrivals: Arrivals;
  readonly liveFeeds: LiveFeeds;
}

/** In milliseconds. */
const tellAfter = 100;
const lookEvery = 500;
/** In bytes: of one message, which may have 8000. */
const maxMessage = 7000;
/** Kept for one moment; what is more is not told. */
const maxWaiting = 1000;
/** Layers of one repository that arrive at the same time. */
const maxArriving = 50;

const wordSchema = z.union([
  z.object({ event: z.looseObject({ kind: z.string(), repository: z.string() }) }),
  z.object({ arriving: z.number(), sizes: z.array(z.number()) }),
]);
const messageSchema = z.object({ copy: z.string(), words: z.array(wordSchema) });

type Word = z.infer<typeof wordSchema>;

export class OtherCopies implements AsyncDisposable {
  readonly #copy: string = crypto.randomUUID();
  readonly #parts: Parts;
  readonly #waiting: Word[] = [];
  readonly #told: DelayedWrite;
  readonly #stack = new AsyncDisposableStack();

  constructor(parts: Parts, log: Log) {
    this.#parts = parts;
    const { database, events, liveFeeds } = parts;
    const told = new DelayedWrite({
      after: tellAfter,
      write: () => this.#tell(),
      log,
      failure: 'cannot tell other copies of the hub what happened',
    });
    this.#told = this.#stack.use(told);
    this.#stack.use(events.listen((event) => this.#noticed(event)));
    const looking = setInterval(() => this.#look(), lookEvery);
    this.#stack.defer(() => clearInterval(looking));
    this.#stack.use(
      database.listen({ hear: (text) => this.#hear(text), missed: () => liveFeeds.changedAnywhere() }),
    );
  }

  #noticed(event: HubEvent): void {
    if (!('repository' in event)) return;
    if (event.kind === 'blob-pushed' || activityOf(event)) this.#say({ event: { ...event } });
  }

  #look(): void {
    for (const [repositoryId, arriving] of this.#parts.arrivals.all()) {
      const sizes = [...arriving].slice(0, maxArriving).map(({ size }) => size);
      this.#say({ arriving: repositoryId, sizes });
    }
  }

  #say(word: Word): void {
    if (this.#waiting.length < maxWaiting) this.#waiting.push(word);
    this.#told.schedule();
  }

  /** What cannot be told now is lost: by then others have missed more, and read anew. */
  async #tell(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    for (const words of messagesOf(waiting)) {
      await this.#parts.database.say(`{"copy":"${this.#copy}","words":[${words.join(',')}]}`);
    }
  }

  #hear(text: string): void {
    const { data: message } = messageSchema.safeParse(parseJson(text));
    if (!message || message.copy === this.#copy) return;
    const { liveFeeds } = this.#parts;
    for (const word of message.words) {
      if ('event' in word) liveFeeds.hear(word.event as unknown as HubEvent);
      else liveFeeds.arrivingElsewhere(message.copy, word.arriving, word.sizes);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** As many words together as a message takes. */
function* messagesOf(words: readonly Word[]): Generator<readonly string[]> {
  let texts: string[] = [];
  let size = 0;
  for (const word of words) {
    const text = JSON.stringify(word);
    const length = Buffer.byteLength(text) + 1;
    if (size + length > maxMessage && texts.length > 0) {
      yield texts;
      texts = [];
      size = 0;
    }
    texts.push(text);
    size += length;
  }
  if (texts.length > 0) yield texts;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
