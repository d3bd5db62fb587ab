/** One verb over several names, as docker does it: all at once, names printed in their order, complaints at the end. */
import { CaisError, messageOf } from '../../lib/errors.ts';
import { ExitError } from '../exit-code.ts';
import type { Output } from '../output.ts';

/** @throws ExitError with every complaint on a line of its own, after all names have had their turn. */
export async function forEachName(
  names: readonly string[],
  out: Output,
  act: (name: string) => Promise<unknown>,
): Promise<void> {
  const attempts = names.map((name) => act(name).then(() => undefined, expected));
  const complaints: string[] = [];
  for (const [at, attempt] of attempts.entries()) {
    const error = await attempt;
    if (error === undefined) await out.write(`${names[at] ?? ''}\n`);
    else complaints.push(messageOf(error));
  }
  if (complaints.length > 0) throw new ExitError(1, complaints.join('\n'));
}

function expected(error: unknown): CaisError {
  if (error instanceof CaisError) return error;
  throw error;
}
