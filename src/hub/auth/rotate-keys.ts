/** Keys change by themselves: a new one after so long, an old one gone when nothing that it signed runs any more. */
import type { Log } from '../../lib/log.ts';
import type { SigningKeys } from './signing-keys.ts';

/** How soon a key that another process made or removed is known here. */
const interval = 30_000;

/** Looks after the keys until disposed. @param period in milliseconds; undefined: only the shell makes new ones. */
export function startRotating(keys: SigningKeys, period: number | undefined, log: Log): Disposable {
  const timer = setInterval(() => {
    tend(keys, period).catch((err: unknown) => log.error({ err }, 'keys-not-rotated'));
  }, interval);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

export async function tend(
  keys: SigningKeys,
  period: number | undefined,
  now: number = Date.now(),
): Promise<void> {
  await keys.reload();
  if (period !== undefined && keys.age(now) >= period) await keys.rotate(now - period, now);
  await keys.removeEnded(now);
}
