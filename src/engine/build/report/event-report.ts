/** A build as the events of engine-api/build.ts: what `cais build` draws its picture from. */
import type { BuildEvent, BuildLines, BuildStep } from '../../../engine-api/build.ts';
import { DockerfileError } from '../../../dockerfile/error.ts';
import { excerptOf } from '../../../dockerfile/excerpt.ts';
import { messageOf } from '../../../lib/errors.ts';
import { platformOf } from '../../../oci/image/image-config.ts';
import { formatPlatform } from '../../../oci/image/platform.ts';
import type { OutputStream } from '../../containers/attach/console.ts';
import type { Image } from '../../images/image.ts';
import type { ProgressEvent } from '../../images/progress-event.ts';
import { CommandError, StepError } from '../failure.ts';
import type { Step } from '../plan/steps.ts';
import type { BuildReport, BuildWarning, ReportedTask, StepResult } from './build-report.ts';

export interface EventSink {
  /** @param isDroppable a client that does not read misses it. */
  send(event: BuildEvent, isDroppable?: boolean): void;
  readonly room: Promise<void> | undefined;
  readonly queued: number;
}

export class EventReport implements BuildReport {
  readonly #sink: EventSink;
  readonly #begun = performance.now();
  #source: readonly string[] = [];
  /** Of the last task. Steps count upwards from 0, and -1 is the client's own: the context being sent. */
  #task = -1;

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  get room(): Promise<void> | undefined {
    return this.#sink.room;
  }

  get queued(): number {
    return this.#sink.queued;
  }

  dockerfile(text: string): void {
    this.#source = text.split(/\r?\n/);
  }

  steps(steps: readonly Step[]): void {
    this.#sink.send({ type: 'steps', steps: steps.flatMap(presentStep) });
  }

  started(step: Step): void {
    if (isShown(step)) this.#sink.send({ type: 'started', step: step.id, at: now() });
  }

  container(): void {
    // Only a failed one can be looked at, and is told with the failure.
  }

  output(step: Step, stream: OutputStream, text: string): void {
    this.#sink.send({ type: 'log', step: step.id, stream, text });
  }

  progress(step: Step, event: ProgressEvent): void {
    if (isShown(step)) this.#progress(step.id, event);
  }

  done(step: Step, { isCached }: StepResult): void {
    if (isShown(step)) this.#sink.send({ type: 'done', step: step.id, at: now(), cached: isCached });
  }

  failed(step: Step, error: unknown, isCanceled: boolean): void {
    if (isShown(step)) this.#failed(step.id, error, isCanceled);
  }

  task(name: string): ReportedTask {
    this.#task -= 1;
    const id = this.#task;
    this.#sink.send({ type: 'steps', steps: [{ id, name, stage: '', text: name }] });
    this.#sink.send({ type: 'started', step: id, at: now() });
    return {
      progress: (event) => this.#progress(id, event),
      done: () => this.#sink.send({ type: 'done', step: id, at: now(), cached: false }),
      failed: (error, isCanceled) => this.#failed(id, error, isCanceled),
    };
  }

  #progress(step: number, { id = '', status = '', progress }: ProgressEvent): void {
    this.#sink.send({ type: 'progress', step, id, status, ...progress }, progress !== undefined);
  }

  #failed(step: number, error: unknown, isCanceled: boolean): void {
    const end = { type: 'done', step, at: now(), cached: false, error: messageOf(error) } as const;
    this.#sink.send(isCanceled ? { ...end, canceled: true } : end);
  }

  warning(warning: BuildWarning): void {
    this.#sink.send({ type: 'warning', ...warning });
  }

  images(images: readonly Image[], names: readonly string[]): void {
    const seconds = Math.round(performance.now() - this.#begun) / 1000;
    const platforms = images.map(({ id, config }) => ({ id, platform: formatPlatform(platformOf(config)) }));
    const id = images[0]?.id ?? '';
    this.#sink.send({ type: 'image', id, names, seconds, platforms });
  }

  /** The last line of a build that failed. */
  failure(error: unknown): BuildEvent {
    const lines = linesOf(error);
    const cause = error instanceof StepError ? error.cause : undefined;
    const command = cause instanceof CommandError ? cause : undefined;
    return {
      type: 'failed',
      message: messageOf(error),
      ...(error instanceof StepError && { step: error.step.id }),
      ...(lines && { lines, source: excerptOf(this.#source, lines) }),
      ...(command && { code: command.exitCode }),
      ...(command?.container !== undefined && { container: command.container }),
    };
  }
}

function linesOf(error: unknown): BuildLines | undefined {
  return error instanceof StepError || error instanceof DockerfileError ? error.lines : undefined;
}

function presentStep(step: Step): BuildStep[] {
  const { id, name, stage, lines, instruction } = step;
  return name === undefined
    ? []
    : [{ id, name, stage: stage.name ?? String(stage.index), lines, text: instruction.text }];
}

function isShown({ name }: Step): boolean {
  return name !== undefined;
}

function now(): string {
  return new Date().toISOString();
}
