/**
 * Slows down guessing, one by one or all at once: failures are counted by address, and by account and address together, so
 * that nobody can lock somebody else out from elsewhere.
 */
import { CaisError } from '../../lib/errors.ts';
import { Turns } from './turns.ts';

/** Too many failures; the wire forms of it say 429 and when to come back. */
export class TooManyTriesError extends CaisError {
  override readonly name = 'TooManyTriesError';
  /** In seconds. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super(`too many failed sign-ins, try again in ${retryAfter} seconds`);
    this.retryAfter = retryAfter;
  }
}

const window = 5 * 60_000;
const maxFailures = { account: 10, address: 100 } as const;
/** Each comparison takes 19 MiB and a processor for a while. */
const maxAtOnce = 2;
const maxKeys = 10_000;

interface Failures {
  count: number;
  readonly until: number;
}

export class SignInLimit {
  readonly #turns = new Turns(maxAtOnce);
  readonly #failures = new Map<string, Failures>();

  /**
   * Runs `verify` unless there were too many failures. It counts as one from its beginning and until it was right, so that
   * many at once are no way around the limit.
   * @throws TooManyTriesError before any password is looked at.
   */
  async attempt(account: string, address: string, verify: () => Promise<boolean>): Promise<boolean> {
    // Whoever has no tries left does not wait for a turn either.
    this.#check(account, address);
    using _ = await this.#turns.take();
    this.#check(account, address);
    this.#count(accountKey(account, address));
    this.#count(addressKey(address));
    const isRight = await verify();
    if (isRight) this.#takeBack(account, address);
    return isRight;
  }

  #check(account: string, address: string): void {
    this.#checkKey(accountKey(account, address), maxFailures.account);
    this.#checkKey(addressKey(address), maxFailures.address);
  }

  /** A right password clears the account's failures; the address keeps those of its other tries. */
  #takeBack(account: string, address: string): void {
    this.#failures.delete(accountKey(account, address));
    const failures = this.#failures.get(addressKey(address));
    if (failures && failures.count > 0) failures.count -= 1;
  }

  #checkKey(key: string, max: number): void {
    const failures = this.#failures.get(key);
    if (!failures || failures.count < max) return;
    const left = failures.until - Date.now();
    if (left > 0) throw new TooManyTriesError(Math.ceil(left / 1000));
    this.#failures.delete(key);
  }

  #count(key: string): void {
    const failures = this.#failures.get(key);
    if (failures && failures.until > Date.now()) {
      failures.count += 1;
      return;
    }
    this.#failures.delete(key);
    const oldest = this.#failures.keys().next();
    if (this.#failures.size >= maxKeys && !oldest.done) this.#failures.delete(oldest.value);
    this.#failures.set(key, { count: 1, until: Date.now() + window });
  }
}

function accountKey(account: string, address: string): string {
  return `${addressKey(address)} ${account}`;
}

/** An IPv6 customer has a /64: that is one address here. */
function addressKey(address: string): string {
  return address.includes(':') && !address.includes('.') ? address.split(':').slice(0, 4).join(':') : address;
}
