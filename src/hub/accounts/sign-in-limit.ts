/**
 * Slows down guessing, one by one or all at once: failures are counted by address, and by account and address together, so
 * that nobody can lock somebody else out from elsewhere.
 */
import { networkOf } from '../limits/client-address.ts';
import { TooManyRequestsError } from '../limits/too-many-requests.ts';
import { WindowCounter } from '../limits/window-counter.ts';
import { Turns } from './turns.ts';

const window = 5 * 60_000;
/** Each comparison takes 19 MiB and a processor for a while. */
const maxAtOnce = 2;

export class SignInLimit {
  readonly #turns = new Turns(maxAtOnce);
  readonly #byAccount = new WindowCounter({ max: 10, window });
  readonly #byAddress = new WindowCounter({ max: 100, window });

  /**
   * Runs `verify` unless there were too many failures. It counts as one from its beginning and until it was right, so that
   * many at once are no way around the limit.
   * @param isCheap for what is looked up, not computed: it waits for nobody.
   * @throws TooManyRequestsError before any password is looked at.
   */
  async attempt(
    account: string,
    address: string,
    verify: () => Promise<boolean>,
    isCheap = false,
  ): Promise<boolean> {
    const network = networkOf(address);
    const key = `${network} ${account}`;
    // Whoever has no tries left does not wait for a turn either.
    this.#check(key, network);
    using _ = isCheap ? undefined : await this.#turns.take();
    this.#check(key, network);
    this.#byAccount.add(key);
    this.#byAddress.add(network);
    const isRight = await verify();
    if (isRight) {
      // A right password clears the account's failures; the address keeps those of its other tries.
      this.#byAccount.clear(key);
      this.#byAddress.takeBack(network);
    }
    return isRight;
  }

  #check(key: string, network: string): void {
    for (const [counter, counted] of [[this.#byAccount, key] as const, [this.#byAddress, network] as const]) {
      const { remaining, renewedIn } = counter.left(counted);
      if (remaining === 0)
        throw new TooManyRequestsError('too many failed sign-ins', renewedIn, counter.rate);
    }
  }
}
