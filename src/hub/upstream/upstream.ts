/**
 * One upstream registry as the hub asks it: each question has an end, one that does not answer is left alone for a while, and its
 * limits are kept to.
 */
import { messageOf, NotFoundError, UnavailableError } from '../../lib/errors.ts';
import { RegistryClient } from '../../oci/distribution/client.ts';
import { anonymous, type Credentials } from '../../oci/distribution/credentials.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';
import { LeastRecent } from '../files/least-recent.ts';
import type { Networks } from '../limits/client-address.ts';
import { TooManyRequestsError } from '../limits/too-many-requests.ts';
import { currentSpan } from '../request-context.ts';
import { remainingOf, retryAfterOf } from './rate-limit.ts';
import { requireReach } from './reach.ts';
import type { UpstreamRegistry } from './upstream-config.ts';
import { Deadline, type Patience, untilAborted, usualPatience } from './patience.ts';
import { Transfers } from './transfers.ts';
import { UpstreamAwayError, upstreamError } from './upstream-error.ts';

export type Question<T> = (client: RegistryClient, name: RepositoryName, signal: AbortSignal) => Promise<T>;

export interface UpstreamFailure {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: string;
}

export interface UpstreamState {
  readonly isAway: boolean;
  /** Pulls that it still gives; undefined where it tells of no limit. */
  readonly remaining: number | undefined;
  /** Milliseconds since 1970; undefined: it may be asked. */
  readonly quietUntil: number | undefined;
  /** Milliseconds since 1970; undefined: nothing was heard of it yet. */
  readonly answeredAt: number | undefined;
  /** The last question that came to nothing by its fault. */
  readonly failure: UpstreamFailure | undefined;
}

export interface UpstreamBounds {
  /** In milliseconds: how long a repository that everybody may pull is believed to stay so. */
  readonly publicFor: number;
  /** Blobs on their way at once. */
  readonly transfers: number;
  /** Private networks that it may lead to. */
  readonly reach: Networks;
}

/** Of repositories: with each client the tokens for it. */
const maxClients = 256;

export class Upstream {
  readonly name: string;
  readonly transfers: Transfers;
  readonly #registry: UpstreamRegistry;
  readonly #patience: Patience;
  readonly #clients = new LeastRecent<string, RegistryClient>(maxClients);
  /** Repositories that everybody may pull, and until when that is believed. */
  readonly #public = new LeastRecent<string, number>(10_000);
  readonly #publicFor: number;
  readonly #reach: Networks;
  #answeredAt: number | undefined;
  #away: { readonly until: number; readonly error: UpstreamAwayError } | undefined;
  #failure: UpstreamFailure | undefined;
  #limited = 0;
  #retryAfter = 0;
  #remaining: { readonly count: number; readonly at: number } | undefined;

  constructor(
    registry: UpstreamRegistry,
    { publicFor, transfers, reach }: UpstreamBounds,
    patience: Patience = usualPatience,
  ) {
    this.name = registry.name;
    this.#registry = registry;
    this.#publicFor = publicFor;
    this.#reach = reach;
    this.#patience = patience;
    this.transfers = new Transfers(registry.name, transfers, patience.turn);
  }

  get url(): URL {
    return this.#registry.url;
  }

  get hasCredentials(): boolean {
    return this.#registry.credentials.kind !== 'anonymous';
  }

  get state(): UpstreamState {
    const until = Math.max(this.#limited, this.#away?.until ?? 0);
    return {
      isAway: (this.#away?.until ?? 0) > Date.now(),
      remaining: this.#remaining?.count,
      quietUntil: until > Date.now() ? until : undefined,
      answeredAt: this.#answeredAt && performance.timeOrigin + this.#answeredAt,
      failure: this.#failure,
    };
  }

  /** True once anything was heard of it: a machine without network has no registry that is away for a while. */
  get hasAnswered(): boolean {
    return this.#answeredAt !== undefined;
  }

  /** True when another pull would be refused, as far as it has told. Looks at tags are free. */
  get isUsedUp(): boolean {
    if (this.#limited > Date.now()) return true;
    return this.#remaining?.count === 0 && this.#remaining.at > Date.now() - this.#patience.away;
  }

  /**
   * @param question its answer is waited for as long as the patience goes. What it leaves open, as a stream, has to end itself.
   * @throws NotFoundError when it is not there or not public, TooManyRequestsError, UnavailableError
   */
  ask<T>(path: string, question: Question<T>, signal?: AbortSignal): Promise<T> {
    return this.#ask(path, this.#registry.credentials, question, signal);
  }

  /** What came to nothing by its fault, for who looks after the hub. */
  note(error: unknown): void {
    this.#failure = { at: Date.now(), reason: messageOf(error) };
  }

  /**
   * What only the hub's own credentials open is not for everybody who pulls here. Asked without them, now and then.
   * @param probe undefined: it is not there, for who has no account.
   * @throws NotFoundError, and as `ask`
   */
  async requirePublic(path: string, probe: Question<unknown>): Promise<void> {
    if (!this.hasCredentials) return;
    if ((this.#public.get(path) ?? 0) > Date.now()) return;
    const found = await this.#ask(path, anonymous, probe);
    if (found === undefined) throw new NotFoundError('not there, or not public');
    this.#public.set(path, Date.now() + this.#publicFor, 1);
  }

  async #ask<T>(
    path: string,
    credentials: Credentials,
    question: Question<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    this.#requireReady();
    const begun = performance.now();
    using deadline = new Deadline(this.#patience, this.name, () => (this.#answeredAt ?? -1) >= begun);
    const either = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
    // Of our trace alone: other people's registries are told nothing of it.
    const span = currentSpan()?.child(`upstream ${this.name}`, 'client', { 'cais.repository': path });
    try {
      const client = this.#clientOf(path, credentials);
      return await untilAborted(question(client, { domain: this.name, path }, either), either);
    } catch (error) {
      if (signal?.aborted) throw error;
      const told = this.#judge(error, credentials, (this.#answeredAt ?? -1) >= begun);
      if (told instanceof UnavailableError || told instanceof TooManyRequestsError) {
        this.note(error);
        span?.fail(told);
      }
      throw told;
    } finally {
      span?.end();
    }
  }

  #requireReady(): void {
    const now = Date.now();
    if (this.#limited > now)
      throw new TooManyRequestsError(
        `cannot pull: too many pulls from ${this.name} by this hub`,
        this.#limited - now,
      );
    if (this.#away && this.#away.until > now) throw this.#away.error;
  }

  #judge(error: unknown, credentials: Credentials, hasAnswered: boolean): unknown {
    const told = upstreamError(this.name, error, credentials.kind !== 'anonymous', this.#retryAfter);
    if (told instanceof TooManyRequestsError) this.#limited = Date.now() + this.#retryAfter;
    // What happens after an answer is of that one question.
    if (hasAnswered || told !== error || !(error instanceof UnavailableError)) return told;
    const away = new UpstreamAwayError(`${this.name} cannot be reached`, { cause: error });
    this.#away = { until: Date.now() + this.#patience.away, error: away };
    return away;
  }

  #hear(answer: Response): void {
    this.#answeredAt = performance.now();
    this.#away = undefined;
    const remaining = remainingOf(answer.headers);
    if (remaining !== undefined) this.#remaining = { count: remaining, at: Date.now() };
    if (answer.status === 429) this.#retryAfter = retryAfterOf(answer.headers);
  }

  #clientOf(path: string, credentials: Credentials): RegistryClient {
    const key = `${credentials.kind} ${path}`;
    const known = this.#clients.get(key);
    if (known) return known;
    const client = new RegistryClient({
      endpoint: { domain: this.name, origins: [this.#registry.url], insecure: false },
      credentials,
      onAnswer: (answer) => this.#hear(answer),
      beforeFollowing: (target) => requireReach(this.#registry.url, target, this.#reach),
    });
    this.#clients.set(key, client, 1);
    return client;
  }
}
