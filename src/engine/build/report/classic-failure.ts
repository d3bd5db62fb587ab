/** Why a build failed, in the words of docker's classic builder. */
import { messageOf, NotFoundError } from '../../../lib/errors.ts';
import { CommandError, StepError } from '../failure.ts';

export interface ClassicFailure {
  readonly message: string;
  /** A command's exit code. */
  readonly code?: number;
}

export function classicFailure(error: unknown): ClassicFailure {
  if (!(error instanceof StepError)) return { message: messageOf(error) };
  const { cause, step, message } = error;
  if (cause instanceof CommandError) {
    const { argv, exitCode } = cause;
    return {
      message: `The command '${argv.join(' ')}' returned a non-zero code: ${exitCode}`,
      code: exitCode,
    };
  }
  const { instruction } = step;
  const isCopy = instruction.kind === 'COPY' || instruction.kind === 'ADD';
  const [, missing, hint = ''] = /^"\/?(.*)": not found( \(did you mean .*\))?/.exec(message) ?? [];
  if (isCopy && cause instanceof NotFoundError && missing !== undefined) {
    const where =
      instruction.kind === 'COPY' && instruction.from !== undefined
        ? ''
        : 'file not found in build context or excluded by .dockerignore: ';
    return { message: `${instruction.kind} failed: ${where}stat ${missing}: file does not exist${hint}` };
  }
  return { message };
}
