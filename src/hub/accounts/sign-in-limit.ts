/**
 * Slows down guessing, one by one or all at once. Failures are counted by address, by account and address together, and by
 * account wherever they come from; the last limit does not stop who signed in from the same address lately, so that nobody
 * can lock somebody else out.
 */
import { networkOf } from '../limits/client-address.ts';
import type { SharedCounts } from '../limits/shared-counts.ts';
import { TooManyRequestsError } from '../limits/too-many-requests.ts';
import { WindowCounter } from '../limits/window-counter.ts';
import { Slots } from '../../lib/slots.ts';

const window = 5 * 60_000;
/** How long an address is known as one that its account signs in from. */
const knownFor = 30 * 24 * 3600_000;
/** Each comparison takes 19 MiB and a processor for a while. */
const maxAtOnce = 2;

interface Attempt {
  readonly account: string;
  readonly network: string;
  /** Both. */
  readonly pair: string;
  readonly isCheap: boolean;
}

export class SignInLimit {
  readonly #slots = new Slots(maxAtOnce);
  readonly #byPair = new WindowCounter({ max: 10, window });
  readonly #byAddress = new WindowCounter({ max: 100, window });
  readonly #byAccount = new WindowCounter({ max: 100, window });
  readonly #known = new WindowCounter({ max: 1, window: knownFor });

  constructor(shared?: SharedCounts) {
    shared?.share('sign-in pair', this.#byPair);
    shared?.share('sign-in address', this.#byAddress);
    shared?.share('sign-in account', this.#byAccount);
    shared?.share('sign-in known', this.#known);
  }

  /**
   * Runs `verify` unless there were too many failures. It counts as one from its beginning and until it was right, so that
   * many at once are no way around the limit.
   * @param isCheap for what is looked up, not computed, and too long to be guessed: it waits for nobody, and tells nothing of
   * guesses from elsewhere.
   * @throws TooManyRequestsError before any password is looked at.
   */
  async attempt(
    account: string,
    address: string,
    verify: () => Promise<boolean>,
    isCheap = false,
  ): Promise<boolean> {
    const network = networkOf(address);
    const attempt = { account, network, pair: `${network} ${account}`, isCheap };
    // Whoever has no tries left does not wait for a turn either.
    this.#check(attempt);
    using _ = isCheap ? undefined : await this.#slots.take();
    this.#check(attempt);
    const counted = this.#counted(attempt);
    for (const [counter, key] of counted) counter.add(key);
    const takeBack = (): void => {
      for (const [counter, key] of counted) counter.takeBack(key);
    };
    const isRight = await verify().catch((error: unknown) => {
      // Nobody learned anything, as when the database is away: clients with a right password come again and again then.
      takeBack();
      throw error;
    });
    if (isRight) {
      // A right password clears the failures of account and address; the others keep those of other tries.
      takeBack();
      this.#byPair.clear(attempt.pair);
      this.#remember(attempt.pair);
    }
    return isRight;
  }

  /** Anew every day: whoever signs in again and again is no news. */
  #remember(pair: string): void {
    const { remaining, renewedIn } = this.#known.left(pair);
    if (remaining === 0 && renewedIn > knownFor - 24 * 3600_000) return;
    this.#known.clear(pair);
    this.#known.add(pair);
  }

  #check(attempt: Attempt): void {
    for (const [counter, key] of this.#counted(attempt)) {
      const { remaining, renewedIn } = counter.left(key);
      const isKnown = counter === this.#byAccount && this.#known.left(attempt.pair).remaining === 0;
      if (remaining > 0 || isKnown) continue;
      throw new TooManyRequestsError('too many failed sign-ins', renewedIn, counter.rate);
    }
  }

  #counted({ account, network, pair, isCheap }: Attempt): readonly (readonly [WindowCounter, string])[] {
    const local = [[this.#byPair, pair] as const, [this.#byAddress, network] as const];
    return isCheap ? local : [...local, [this.#byAccount, account]];
  }
}
