/** `cais hub seed`. */
import type { ServerCommand } from '../cli/context.ts';
import { seed } from '../hub/seed/seed.ts';
import { openOrMake } from './hub-parts.ts';

export const hubSeed: ServerCommand = async (flags, _input, output) => {
  // Whoever ends us ends our process group: debootstrap dies of it, and we live on to take its half-made files away.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  await using parts = await openOrMake(flags);
  await seed(parts, { report: (line) => void output.write(`${line}\n`) });
  return 0;
};
