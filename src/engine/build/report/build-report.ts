/** What a build tells of itself while it runs: the two APIs put it into their words. */
import type { Instruction } from '../../../dockerfile/instruction.ts';
import type { BuildLines } from '../../../engine-api/build.ts';
import type { OutputStream } from '../../containers/attach/console.ts';
import type { Image } from '../../images/image.ts';
import type { ProgressEvent } from '../../images/progress-event.ts';
import type { Step } from '../plan/steps.ts';
import type { StageState } from '../state.ts';

export interface StepResult {
  readonly isCached: boolean;
  /** What the stage has come to. */
  readonly state: StageState;
}

export interface BuildWarning {
  readonly rule?: string;
  readonly message: string;
  readonly url?: string;
  readonly lines?: BuildLines;
}

/** Something done for a build that is no instruction's: a cache fetched, a result sent. Told of from its making on. */
export interface ReportedTask {
  progress(event: ProgressEvent): void;
  done(): void;
  failed(error: unknown, isCanceled: boolean): void;
}

/** Steps of stages that are built at the same time are told of as they come. */
export interface BuildReport {
  /** The Dockerfile's text, before it is read. */
  dockerfile(text: string): void;
  /**
   * All that is known to be done, in the file's order; comes again when there is more.
   * @param globals the ARGs before the first FROM: nothing is to be done for them.
   */
  steps(steps: readonly Step[], globals: readonly Instruction[]): void;
  started(step: Step): void;
  /** The container of a RUN. */
  container(step: Step, id: string): void;
  output(step: Step, stream: OutputStream, text: string): void;
  /** A promise while no more output can be taken: the command is held back. */
  readonly room: Promise<void> | undefined;
  /** In characters: what was told and the client has not taken. */
  readonly queued: number;
  progress(step: Step, event: ProgressEvent): void;
  done(step: Step, result: StepResult): void;
  /** It or another one has failed, or the client has gone. */
  failed(step: Step, error: unknown, isCanceled: boolean): void;
  /** Begins it. @param name `exporting cache to registry` */
  task(name: string): ReportedTask;
  warning(warning: BuildWarning): void;
  /** The last word of a build that went well: an image for each platform. */
  images(images: readonly Image[], names: readonly string[]): void;
}
