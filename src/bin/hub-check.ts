/** `cais hub check`: looks for bytes that a disk has changed or lost, also while the hub serves. */
import type { ServerCommand } from '../cli/context.ts';
import { findDamage, takeAway } from '../hub/registry/check-blobs.ts';
import { openQuietly } from './hub-parts.ts';

export const hubCheck: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  let found = 0;
  for await (const damage of findDamage(parts)) {
    found += 1;
    const holders = damage.repositories.join(', ') || 'no repository';
    await output.write(`${damage.digest} ${damage.kind}, held by ${holders}\n`);
    if (flags['remove'] === true) await takeAway(parts, damage);
  }
  if (found === 0) await output.write('Every blob is as it was pushed\n');
  return found === 0 ? 0 : 1;
};
