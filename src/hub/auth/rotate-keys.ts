/** Keys change by themselves: a new one after so long, an old one gone when nothing that it signed runs any more. */
import type { Log } from '../../lib/log.ts';
import type { Changes } from '../changes.ts';
import type { SigningKeys } from './signing-keys.ts';

interface RotationParts {
  readonly keys: SigningKeys;
  readonly changes: Changes;
}

/** How soon a key that another process made or removed is known here. */
const interval = 30_000;

/** Looks after the keys until disposed. @param period in milliseconds; undefined: only the shell makes new ones. */
export function startRotating(
  { keys, changes }: RotationParts,
  period: number | undefined,
  log: Log,
): Disposable {
  const run = async (): Promise<void> => {
    if (await tend(keys, period)) await changes.record({ kind: 'keys-rotated', key: keys.current.id });
  };
  const timer = setInterval(() => {
    run().catch((err: unknown) => log.error({ err }, 'keys-not-rotated'));
  }, interval);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** True when there is a new key. */
export async function tend(
  keys: SigningKeys,
  period: number | undefined,
  now: number = Date.now(),
): Promise<boolean> {
  await keys.reload();
  const isNew = period !== undefined && keys.age(now) >= period && (await keys.rotate(now - period, now));
  await keys.removeEnded(now);
  return isNew;
}
