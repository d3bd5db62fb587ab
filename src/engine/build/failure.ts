/** Why a build failed, and where. */
import type { Lines } from '../../dockerfile/instruction.ts';
import { DockerfileError } from '../../dockerfile/error.ts';
import { InvalidError, messageOf } from '../../lib/errors.ts';
import type { Step } from './plan/steps.ts';

/** A RUN's command has ended with another code than 0. The words are BuildKit's. */
export class CommandError extends InvalidError {
  readonly argv: readonly string[];
  readonly exitCode: number;
  /** Kept to be looked at, where that was asked for. */
  readonly container: string | undefined;

  constructor(argv: readonly string[], exitCode: number, container?: string) {
    super(`process ${JSON.stringify(argv.join(' '))} did not complete successfully: exit code: ${exitCode}`);
    this.argv = argv;
    this.exitCode = exitCode;
    this.container = container;
  }
}

/** A step of the Dockerfile has failed; the message is that of its cause. */
export class StepError extends InvalidError {
  readonly step: Step;
  readonly lines: Lines;

  constructor(step: Step, cause: unknown) {
    super(messageOf(cause), { cause });
    this.step = step;
    this.lines = (cause instanceof DockerfileError ? cause.lines : undefined) ?? step.lines;
  }
}
