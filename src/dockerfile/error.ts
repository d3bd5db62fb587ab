/** A mistake in a Dockerfile, with the lines it stands on. */
import { InvalidError } from '../lib/errors.ts';
import type { Lines } from './instruction.ts';

export class DockerfileError extends InvalidError {
  /** Undefined where no line is to blame: an empty file. */
  readonly lines: Lines | undefined;

  constructor(message: string, lines?: Lines, options?: ErrorOptions) {
    super(message, options);
    this.lines = lines;
  }
}

/** Says on which lines whatever `run` finds wrong stands, unless it says so itself. */
export function onLines<T>(lines: Lines, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof InvalidError) || error instanceof DockerfileError) throw error;
    throw new DockerfileError(error.message, lines, { cause: error });
  }
}
