/**
 * Slows down guessing: failures are counted by address, and by account and address together, so that nobody can lock
 * somebody else out from elsewhere.
 */
import { CaisError } from '../../lib/errors.ts';

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
const maxKeys = 10_000;

interface Failures {
  count: number;
  readonly until: number;
}

export class SignInLimit {
  readonly #failures = new Map<string, Failures>();

  /** @throws TooManyTriesError before any password is looked at. */
  check(account: string, address: string): void {
    this.#checkKey(accountKey(account, address), maxFailures.account);
    this.#checkKey(addressKey(address), maxFailures.address);
  }

  failed(account: string, address: string): void {
    this.#count(accountKey(account, address));
    this.#count(addressKey(address));
  }

  succeeded(account: string, address: string): void {
    this.#failures.delete(accountKey(account, address));
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
