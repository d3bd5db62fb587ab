/** `cais hub keys rotate`: a new key for registry tokens, also while the hub serves: it looks for one every half minute. */
import type { ServerCommand } from '../cli/context.ts';
import { SigningKeys } from '../hub/auth/signing-keys.ts';
import { hubConfig, openQuietly } from './hub-parts.ts';

export const rotateKeys: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const keys = await SigningKeys.open(parts.database, hubConfig(flags).keysDirectory);
  await keys.rotate();
  if (flags['end-old'] === true) await keys.removeOld();
  await parts.changes.record({ kind: 'keys-rotated', key: keys.current.id });
  await output.write(`${keys.current.id}\n`);
  return 0;
};
