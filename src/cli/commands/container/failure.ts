/** How `run` and `create` say that they failed: the program's name, the reason, where to read on. */
import { CaisError, messageOf } from '../../../lib/errors.ts';
import { ExitError } from '../../exit-code.ts';

/** @throws ExitError for whatever `action` throws of what a user can cause. @param exitCode asked for the code. */
export async function withHelpHint<T>(
  calledAs: string,
  exitCode: (error: unknown) => number,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof CaisError) || error instanceof ExitError) throw error;
    const message = `cais: ${messageOf(error)}\n\nRun '${calledAs} --help' for more information`;
    throw new ExitError(exitCode(error), message, { cause: error });
  }
}
