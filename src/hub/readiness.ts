/** Whether requests should come to this copy of the hub: it has what it needs, and is not about to end. */
import { CaisError, UnavailableError } from '../lib/errors.ts';
import { SharedRun } from './db/shared-run.ts';
import type { Draining } from './draining.ts';

interface Needs {
  readonly draining: Draining;
  readonly checks: readonly (() => Promise<void>)[];
}

/** In milliseconds: who balances asks often, and all of them at once. */
const goodFor = 1000;

export class Readiness {
  readonly #draining: Draining;
  readonly #look: SharedRun;
  #lookedAt = 0;
  #failure: CaisError | undefined;

  /** @param checks of what the hub needs; each throws what keeps it from answering. */
  constructor({ draining, checks }: Needs) {
    this.#draining = draining;
    this.#look = new SharedRun(async () => {
      const results = await Promise.allSettled(checks.map((check) => check()));
      const failed = results.find((result) => result.status === 'rejected');
      this.#failure = failed && asCaisError(failed.reason);
      this.#lookedAt = Date.now();
    });
  }

  /** @throws CaisError that says why not. */
  async check(): Promise<void> {
    if (this.#draining.isBegun) throw new UnavailableError('the hub is about to end');
    if (Date.now() - this.#lookedAt >= goodFor) await this.#look.ask();
    if (this.#failure) throw this.#failure;
  }
}

function asCaisError(reason: unknown): CaisError {
  return reason instanceof CaisError
    ? reason
    : new UnavailableError('the hub cannot reach what it needs', { cause: reason });
}
