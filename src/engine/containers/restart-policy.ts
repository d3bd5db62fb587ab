/** Docker's restart policies as pure decisions; exited.ts acts on them. */
import type { RestartPolicy } from '../../engine-api/types.ts';
import { InvalidError } from '../../lib/errors.ts';

const firstDelay = 100;
const longestDelay = 60_000;
/** Who ran this long starts anew with the shortest delay. */
const longRun = 10_000;

/** Doubles the delay at each restart of a process that ends soon. */
export class RestartBackOff {
  #delay = 0;

  /** Milliseconds to wait before the next start. @param ran how long the process has run, in milliseconds. */
  next(ran: number): number {
    this.#delay = ran >= longRun || this.#delay === 0 ? firstDelay : Math.min(this.#delay * 2, longestDelay);
    return this.#delay;
  }
}

export interface Ending {
  readonly exitCode: number;
  readonly restartCount: number;
  readonly stoppedByUser: boolean;
}

/** Whether a process that has ended is to be started again. */
export function shouldRestart(policy: RestartPolicy | undefined, ending: Ending): boolean {
  if (ending.stoppedByUser) return false;
  switch (policy?.Name ?? '') {
    case 'always':
    case 'unless-stopped':
      return true;
    case 'on-failure': {
      const limit = policy?.MaximumRetryCount ?? 0;
      return ending.exitCode !== 0 && (limit === 0 || ending.restartCount < limit);
    }
    default:
      return false;
  }
}

/** Whether a container that is not running comes up with the engine. */
export function startsWithEngine(
  policy: RestartPolicy | undefined,
  { wasRunning, stoppedByUser }: { readonly wasRunning: boolean; readonly stoppedByUser: boolean },
): boolean {
  switch (policy?.Name ?? '') {
    case 'always':
      return wasRunning || stoppedByUser;
    case 'unless-stopped':
      return wasRunning && !stoppedByUser;
    case 'on-failure':
      return wasRunning;
    default:
      return false;
  }
}

/** @throws InvalidError in docker's words. */
export function validateRestartPolicy(policy: RestartPolicy | undefined, autoRemove: boolean): void {
  const name = policy?.Name ?? '';
  const retries = policy?.MaximumRetryCount ?? 0;
  if (!['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(name)) {
    throw new InvalidError(
      `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  }
  if (name !== 'on-failure' && retries !== 0) {
    throw new InvalidError("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
  if (retries < 0) throw new InvalidError('invalid restart policy: maximum retry count cannot be negative');
  if (autoRemove && name !== '' && name !== 'no') {
    throw new InvalidError("can't create 'AutoRemove' container with restart policy");
  }
}
