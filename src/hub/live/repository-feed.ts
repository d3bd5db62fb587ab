/** What the pages of one repository are told: that it changed, what was pushed, and how far layers have come that arrive now. */
import type { LiveProgress } from '../../hub-api/types.ts';
import type { Arrivals } from '../registry/arrivals.ts';
import { type LiveStream, minBetween } from './live-stream.ts';

/** After so many milliseconds without a byte a push is over, or has broken off. */
const quietAfter = 5000;
/** What another copy of the hub has not told again for so long does not arrive there any more. */
const toldWithin = 1500;
/** Told of one by one. */
const maxArriving = 50;

const nothing: LiveProgress = { arriving: [], blobs: 0, bytes: 0 };

export class RepositoryFeed {
  readonly repositoryId: number;
  readonly #arrivals: Arrivals;
  readonly #streams = new Set<LiveStream>();
  /** By the copy of the hub where they arrive. */
  readonly #elsewhere = new Map<string, { readonly sizes: readonly number[]; readonly at: number }>();
  #timer: NodeJS.Timeout | undefined;
  /** What has arrived whole since the push began. */
  #whole = { blobs: 0, bytes: 0 };
  #lastByte = 0;
  #told = JSON.stringify(nothing);

  constructor(repositoryId: number, arrivals: Arrivals) {
    this.repositoryId = repositoryId;
    this.#arrivals = arrivals;
  }

  get isFollowed(): boolean {
    return this.#streams.size > 0;
  }

  /** Sizes are looked at while somebody follows, never otherwise. */
  add(stream: LiveStream): void {
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => this.#look(), minBetween);
    if (this.#told !== JSON.stringify(nothing)) stream.offer('progress', this.#told);
  }

  delete(stream: LiveStream): void {
    this.#streams.delete(stream);
    if (this.isFollowed) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  changed(): void {
    for (const stream of this.#streams) stream.offer('changed', '{}');
  }

  pushed(tag: string, account: string): void {
    this.#whole = { blobs: 0, bytes: 0 };
    for (const stream of this.#streams) stream.offer('pushed', JSON.stringify({ tag, account }));
  }

  arrived(size: number): void {
    this.#whole = { blobs: this.#whole.blobs + 1, bytes: this.#whole.bytes + size };
    this.#lastByte = Date.now();
  }

  arrivingElsewhere(copy: string, sizes: readonly number[]): void {
    this.#elsewhere.set(copy, { sizes, at: Date.now() });
  }

  recheck(): void {
    for (const stream of this.#streams) void stream.recheck();
  }

  #look(): void {
    const here = [...this.#arrivals.of(this.repositoryId)].map(({ size }) => size);
    const arriving = [...here, ...this.#sizesElsewhere()].slice(0, maxArriving);
    if (arriving.length > 0) this.#lastByte = Date.now();
    if (Date.now() - this.#lastByte > quietAfter) this.#whole = { blobs: 0, bytes: 0 };
    const progress: LiveProgress = { arriving, ...this.#whole };
    const text = JSON.stringify(progress);
    if (text === this.#told) return;
    this.#told = text;
    for (const stream of this.#streams) stream.offer('progress', text);
  }

  #sizesElsewhere(): readonly number[] {
    for (const [copy, { at }] of this.#elsewhere) {
      if (Date.now() - at > toldWithin) this.#elsewhere.delete(copy);
    }
    return [...this.#elsewhere.values()].flatMap(({ sizes }) => sizes);
  }
}
