/**
 * A build in the words of docker's classic builder, which clients of `POST /build` read. Stages that are built at the
 * same time are told one after the other, in the Dockerfile's order: what a later one says waits.
 */
import type { Instruction } from '../../../dockerfile/instruction.ts';
import { digestOf, shortHexOf, type Digest } from '../../../oci/image/digest.ts';
import type { OutputStream } from '../../containers/attach/console.ts';
import type { Image } from '../../images/image.ts';
import type { ProgressEvent } from '../../images/progress-event.ts';
import { encodeImage } from '../image-document.ts';
import type { Step } from '../plan/steps.ts';
import type { StageState } from '../state.ts';
import type { BuildReport, BuildWarning, ReportedTask, StepResult } from './build-report.ts';
import { InOrder } from './in-order.ts';

export interface ClassicSink {
  /** Docker's `stream`. */
  text(text: string): void;
  progress(event: ProgressEvent): void;
  aux(value: object): void;
  readonly room: Promise<void> | undefined;
  readonly queued: number;
}

/** Output of steps that wait for their turn, in characters; with more, commands are held back. */
const mostWaiting = 8 * 1024 * 1024;

/** Docker's red, for what a command writes to stderr. */
const red = '\u001b[91m';
const plain = '\u001b[0m';

export class ClassicReport implements BuildReport {
  readonly #sink: ClassicSink;
  readonly #order = new InOrder<number>();
  readonly #containers = new Map<number, string>();
  /** Steps of which beginning and end were told: they may be done again. */
  readonly #begun = new Set<number>();
  readonly #done = new Set<number>();
  #steps: readonly Step[] = [];
  #globals: readonly Instruction[] = [];
  /** Of the steps told so far. */
  #count = 0;

  constructor(sink: ClassicSink) {
    this.#sink = sink;
  }

  get room(): Promise<void> | undefined {
    return this.#order.waiting < mostWaiting ? this.#sink.room : this.#order.told;
  }

  get queued(): number {
    return this.#order.waiting + this.#sink.queued;
  }

  dockerfile(): void {
    // Nothing is said of it.
  }

  steps(steps: readonly Step[], globals: readonly Instruction[]): void {
    const isFirst = this.#steps.length === 0;
    this.#steps = steps;
    this.#globals = globals;
    this.#order.setOrder(steps.map(({ id }) => id));
    if (isFirst) for (const { text } of globals) this.#head(text);
  }

  started(step: Step): void {
    // Triggers are the FROM's own affair.
    if (step.isTrigger || this.#begun.has(step.id)) return;
    this.#begun.add(step.id);
    this.#say(step, () => this.#head(step.instruction.text));
  }

  container(step: Step, id: string): void {
    this.#containers.set(step.id, id.slice(0, 12));
    this.#say(step, () => this.#sink.text(` ---> Running in ${id.slice(0, 12)}\n`));
  }

  output(step: Step, stream: OutputStream, text: string): void {
    const shown = stream === 'stderr' ? `${red}${text}${plain}` : text;
    this.#order.say(step.id, shown.length, () => this.#sink.text(shown));
  }

  progress(step: Step, event: ProgressEvent): void {
    this.#say(step, () => this.#sink.progress(event));
  }

  done(step: Step, { isCached, state }: StepResult): void {
    if (this.#done.has(step.id)) return;
    this.#done.add(step.id);
    this.#say(step, () => {
      if (isCached && makesLayer(step)) this.#sink.text(' ---> Using cache\n');
      const container = this.#containers.get(step.id);
      if (container !== undefined) this.#sink.text(` ---> Removed intermediate container ${container}\n`);
      this.#tellState(step, state);
    });
    this.#order.end(step.id);
  }

  failed(step: Step, _error: unknown, isCanceled: boolean): void {
    if (isCanceled) return;
    // The last line says why; before it comes what all the steps have said.
    this.#order.end(step.id);
    this.#order.flush();
  }

  /** Its clients know of instructions alone. */
  task(): ReportedTask {
    return { progress: () => undefined, done: () => undefined, failed: () => undefined };
  }

  /** Its clients know no build checks. */
  warning({ rule, message }: BuildWarning): void {
    if (rule === undefined) this.#sink.text(`[Warning] ${message}\n`);
  }

  images(images: readonly Image[], names: readonly string[]): void {
    for (const { id } of images) this.#sink.text(`Successfully built ${shortHexOf(id)}\n`);
    for (const name of names) this.#sink.text(`Successfully tagged ${name}\n`);
  }

  #say({ id }: Step, tell: () => void): void {
    this.#order.say(id, 0, tell);
  }

  #head(text: string): void {
    this.#count += 1;
    const total = this.#globals.length + this.#steps.filter(({ isTrigger }) => !isTrigger).length;
    this.#sink.text(`Step ${this.#count}/${total} : ${text}`);
    this.#sink.text('\n');
  }

  /** After a FROM with triggers it is told behind the last of them. */
  #tellState(step: Step, state: StageState): void {
    const steps = this.#steps.filter(({ stage }) => stage === step.stage);
    const at = steps.findIndex(({ id }) => id === step.id);
    const triggers = steps.filter(({ isTrigger }) => isTrigger).length;
    if (at === 0 && triggers > 0) {
      this.#sink.text(`# Executing ${triggers} build trigger${triggers > 1 ? 's' : ''}`);
      this.#sink.text('\n');
    }
    if (at >= triggers) {
      const id = idOf(state);
      this.#sink.text(` ---> ${id === undefined ? '' : shortHexOf(id)}\n`);
      if (at === steps.length - 1 && id !== undefined) this.#sink.aux({ ID: id });
    }
  }
}

function makesLayer({ instruction: { kind } }: Step): boolean {
  return kind === 'RUN' || kind === 'COPY' || kind === 'ADD' || kind === 'WORKDIR';
}

/** Of the image that this would be; undefined for nothing at all. */
function idOf(state: StageState): Digest | undefined {
  if (!state.base && state.history.length === 0) return undefined;
  return digestOf(encodeImage(state));
}
