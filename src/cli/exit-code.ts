/**
 * The one map from what was thrown to what the shell sees: message on stderr and exit code.
 * 125 where `run` or the flags failed, 126 and 127 from the text of the start error, 1 for the rest.
 */
import { CaisError, messageOf } from '../lib/errors.ts';

/** Ends the command with this exit code; an empty message prints nothing. */
export class ExitError extends CaisError {
  override readonly name = 'ExitError';
  readonly exitCode: number;

  constructor(exitCode: number, message = '', options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The exit code for whatever ended a command. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ExitError ? error.exitCode : 1;
}

/** The exit code of `run` and `start` where the engine refused: the words of the runtime decide, as in docker. */
export function startExitCode(error: unknown): number {
  const text = messageOf(error);
  if (/executable file not found|no such file or directory|system cannot find the file/.test(text))
    return 127;
  if (/permission denied|is a directory|not a directory/i.test(text)) return 126;
  return 125;
}
