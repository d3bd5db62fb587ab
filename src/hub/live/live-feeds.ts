/**
 * All pages that follow what happens, by the repository or the account that they follow; those of this copy of the hub. Bounded in
 * all and for each account or address: a page that finds no room asks again and again instead, as it does without a stream.
 */
import type { Events, HubEvent } from '../events.ts';
import { TooManyRequestsError } from '../limits/too-many-requests.ts';
import { activityOf } from '../activity/activity-of-event.ts';
import type { Arrivals } from '../registry/arrivals.ts';
import { LiveStream } from './live-stream.ts';
import { RepositoryFeed } from './repository-feed.ts';

const maxStreams = 2000;
const maxOfOne = 30;
/** In milliseconds: when to look for room again. */
const retryAfter = 30_000;

interface Follower {
  /** Whose stream it is: an account, or an address without one. */
  readonly key: string;
  readonly isAllowed: () => Promise<boolean>;
}

export class LiveFeeds implements Disposable {
  readonly #arrivals: Arrivals;
  readonly #listening: Disposable;
  readonly #repositories = new Map<string, RepositoryFeed>();
  readonly #accounts = new Map<string, Set<LiveStream>>();
  readonly #all = new Set<LiveStream>();
  readonly #ofOne = new Map<string, number>();

  constructor(events: Events, arrivals: Arrivals) {
    this.#arrivals = arrivals;
    this.#listening = events.listen((event) => this.hear(event));
  }

  /** Pages that follow now. */
  get count(): number {
    return this.#all.size;
  }

  /** @throws TooManyRequestsError */
  followRepository(path: string, repositoryId: number, follower: Follower): LiveStream {
    const feed = this.#repositories.get(path) ?? new RepositoryFeed(repositoryId, this.#arrivals);
    const stream = this.#open(follower, () => {
      feed.delete(stream);
      if (!feed.isFollowed && this.#repositories.get(path) === feed) this.#repositories.delete(path);
    });
    this.#repositories.set(path, feed);
    feed.add(stream);
    return stream;
  }

  /** What the account does, and what happens in its namespace. @throws TooManyRequestsError */
  followAccount(name: string, follower: Follower): LiveStream {
    const streams = this.#accounts.get(name) ?? new Set();
    const stream = this.#open(follower, () => {
      streams.delete(stream);
      if (streams.size === 0 && this.#accounts.get(name) === streams) this.#accounts.delete(name);
    });
    this.#accounts.set(name, streams.add(stream));
    return stream;
  }

  /** What happened, here or at another copy of the hub. */
  hear(event: HubEvent): void {
    if (this.#all.size === 0 || !('repository' in event)) return;
    const feed = this.#repositories.get(event.repository);
    if (event.kind === 'blob-pushed') return feed?.arrived(event.size);
    const activity = activityOf(event);
    if (!activity) return;
    if (activity.kind === 'pushed') feed?.pushed(activity.reference ?? '', activity.account);
    // That somebody's rights changed is not everybody's to know; it may be theirs who follow.
    if (activity.kind === 'right_changed') feed?.recheck();
    else feed?.changed();
    const namespace = event.repository.slice(0, event.repository.indexOf('/'));
    for (const name of new Set([namespace, activity.account])) {
      for (const stream of this.#accounts.get(name) ?? []) stream.offer('changed', '{}');
    }
  }

  /** Layers that arrive at another copy of the hub. @param sizes in bytes, so far. */
  arrivingElsewhere(copy: string, repositoryId: number, sizes: readonly number[]): void {
    for (const feed of this.#repositories.values()) {
      if (feed.repositoryId === repositoryId) feed.arrivingElsewhere(copy, sizes);
    }
  }

  /** All pages read again what they show: what happened at other copies was not heard for a while. */
  changedAnywhere(): void {
    for (const stream of this.#all) stream.offer('changed', '{}');
  }

  /** Ends all of them, as when the hub stops. */
  endAll(): void {
    for (const stream of this.#all) stream.end();
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.endAll();
  }

  #open({ key, isAllowed }: Follower, left: () => void): LiveStream {
    const count = this.#ofOne.get(key) ?? 0;
    if (count >= maxOfOne || this.#all.size >= maxStreams) {
      throw new TooManyRequestsError('too many pages follow what happens', retryAfter);
    }
    this.#ofOne.set(key, count + 1);
    const ended = (): void => {
      this.#all.delete(stream);
      const rest = (this.#ofOne.get(key) ?? 1) - 1;
      if (rest === 0) this.#ofOne.delete(key);
      else this.#ofOne.set(key, rest);
      left();
    };
    const stream = new LiveStream({ isAllowed, ended });
    this.#all.add(stream);
    return stream;
  }
}
