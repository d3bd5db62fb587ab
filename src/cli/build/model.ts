/**
 * What is known of a running build: the events of the engine, one after another, become steps with states, times,
 * logs and transfers. Does no output and looks at no clock but the one it is given: the renderers show it.
 */
import type { BuildEvent, BuildStep } from '../../engine-api/build.ts';
import { LogTail } from './log-tail.ts';

export type StepStatus = 'waiting' | 'running' | 'done' | 'cached' | 'failed' | 'canceled';

/** Something that a step fetches or sends: a layer, the context. */
export interface Transfer {
  readonly id: string;
  readonly status: string;
  readonly current: number;
  /** 0 where nobody knows. */
  readonly total: number;
}

export interface StepState {
  readonly step: BuildStep;
  readonly status: StepStatus;
  /** Milliseconds since 1970 by the clock of whoever does it: the engine's may be another than ours. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** By our clock: when we heard of its start. */
  readonly heardAt: number;
  readonly error: string | undefined;
  readonly log: LogTail;
  readonly transfers: ReadonlyMap<string, Transfer>;
}

interface MutableStep {
  step: BuildStep;
  status: StepStatus;
  startedAt: number | undefined;
  endedAt: number | undefined;
  heardAt: number;
  error: string | undefined;
  readonly log: LogTail;
  readonly transfers: Map<string, Transfer>;
}

export type BuildWarning = Extract<BuildEvent, { type: 'warning' }>;
export type BuiltImage = Extract<BuildEvent, { type: 'image' }>;
export type BuildFailure = Extract<BuildEvent, { type: 'failed' }>;

/** What a failure shows of a step's output. */
export const keptLines = 60;

export class BuildModel {
  readonly #steps = new Map<number, MutableStep>();
  readonly #warnings: BuildWarning[] = [];
  #image: BuiltImage | undefined;
  #failure: BuildFailure | undefined;

  /** In the order in which they became known. */
  get steps(): readonly StepState[] {
    return [...this.#steps.values()];
  }

  get warnings(): readonly BuildWarning[] {
    return this.#warnings;
  }

  get image(): BuiltImage | undefined {
    return this.#image;
  }

  get failure(): BuildFailure | undefined {
    return this.#failure;
  }

  step(id: number): StepState | undefined {
    return this.#steps.get(id);
  }

  /** Takes one event in. @param now our clock, in milliseconds. */
  apply(event: BuildEvent, now: number): void {
    switch (event.type) {
      case 'steps':
        for (const step of event.steps) this.#announce(step);
        return;
      case 'started':
        this.#update(event.step, {
          status: 'running',
          startedAt: Date.parse(event.at),
          endedAt: undefined,
          heardAt: now,
        });
        return;
      case 'log':
        this.#steps.get(event.step)?.log.push(event.text, now);
        return;
      case 'progress': {
        const { id, status, current = 0, total = 0 } = event;
        this.#steps.get(event.step)?.transfers.set(id, { id, status, current, total });
        return;
      }
      case 'done':
        this.#update(event.step, {
          status: endOf(event),
          endedAt: Date.parse(event.at),
          error: event.error,
        });
        return;
      case 'warning':
        this.#warnings.push(event);
        return;
      case 'image':
        this.#image = event;
        return;
      case 'failed':
        this.#failure = event;
    }
  }

  /** The same step again has more to tell; its state stays. */
  #announce(step: BuildStep): void {
    const known = this.#steps.get(step.id);
    if (known) known.step = step;
    else
      this.#steps.set(step.id, {
        step,
        status: 'waiting',
        startedAt: undefined,
        endedAt: undefined,
        heardAt: 0,
        error: undefined,
        log: new LogTail(keptLines),
        transfers: new Map(),
      });
  }

  #update(id: number, change: Partial<MutableStep>): void {
    const step = this.#steps.get(id);
    if (step) Object.assign(step, change);
  }
}

function endOf({ cached, error, canceled }: Extract<BuildEvent, { type: 'done' }>): StepStatus {
  if (canceled === true) return 'canceled';
  if (error !== undefined) return 'failed';
  return cached ? 'cached' : 'done';
}

/** How long a step has taken, in seconds; 0 where it never ran. @param now our clock. */
export function secondsOf({ startedAt, endedAt, heardAt }: StepState, now: number): number {
  if (startedAt === undefined) return 0;
  const taken = endedAt === undefined ? now - heardAt : endedAt - startedAt;
  return Math.max(0, taken) / 1000;
}
