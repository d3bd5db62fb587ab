/** How often one address, or one account, may ask for what costs the hub or helps an attacker. Counted in memory, by all copies of the hub together. */
import type { SharedCounts } from './shared-counts.ts';
import { networkOf } from './client-address.ts';
import { TooManyRequestsError } from './too-many-requests.ts';
import { type Rate, WindowCounter } from './window-counter.ts';

export interface LimitRates {
  readonly signUp: Rate | undefined;
  readonly token: Rate | undefined;
  readonly anonymousPull: Rate | undefined;
}

/** Each click leaves a row for ten minutes; whole companies come from one address. */
const providerSignIns: Rate = { max: 600, window: 10 * 60_000 };

export class RequestLimits {
  readonly anonymousPull: PullLimit | undefined;
  readonly #signUp: WindowCounter | undefined;
  readonly #token: WindowCounter | undefined;
  readonly #providerSignIn = new WindowCounter(providerSignIns);

  constructor({ signUp, token, anonymousPull }: LimitRates, shared?: SharedCounts) {
    this.#signUp = signUp && new WindowCounter(signUp);
    this.#token = token && new WindowCounter(token);
    const pulls = anonymousPull && new WindowCounter(anonymousPull);
    this.anonymousPull = pulls && new PullLimit(pulls);
    const counters = { 'sign-up': this.#signUp, token: this.#token, pull: pulls };
    for (const [name, counter] of Object.entries(counters)) if (counter) shared?.share(name, counter);
  }

  /** @throws TooManyRequestsError */
  takeSignUp(address: string): void {
    take(this.#signUp, networkOf(address), 'too many sign-ups from your address');
  }

  /** Before the provider is asked. @throws TooManyRequestsError */
  takeProviderSignIn(address: string): void {
    take(this.#providerSignIn, networkOf(address), 'too many sign-ins from your address');
  }

  /** Before credentials are looked at. @throws TooManyRequestsError */
  takeToken(address: string): void {
    take(this.#token, networkOf(address), 'too many tokens asked for from your address');
  }

  /** Once it is known whose they are. @throws TooManyRequestsError */
  takeAccountToken(accountId: number): void {
    take(this.#token, `account ${accountId}`, 'too many tokens asked for with your account');
  }
}

/** Manifests that somebody without an account may fetch. Docker Hub counts GET, not HEAD, and not an index on the way. */
export class PullLimit {
  readonly #counter: WindowCounter;

  constructor(counter: WindowCounter) {
    this.#counter = counter;
  }

  get rate(): Rate {
    return this.#counter.rate;
  }

  remaining(address: string): number {
    return this.#counter.left(networkOf(address)).remaining;
  }

  /** @throws TooManyRequestsError when none is left. */
  check(address: string): void {
    const { remaining, renewedIn } = this.#counter.left(networkOf(address));
    if (remaining > 0) return;
    const message = 'You have reached your unauthenticated pull rate limit: sign in';
    throw new TooManyRequestsError(message, renewedIn, this.rate);
  }

  count(address: string): void {
    this.#counter.add(networkOf(address));
  }
}

function take(counter: WindowCounter | undefined, key: string, message: string): void {
  if (!counter) return;
  const { remaining, renewedIn } = counter.left(key);
  if (remaining === 0) throw new TooManyRequestsError(message, renewedIn, counter.rate);
  counter.add(key);
}
