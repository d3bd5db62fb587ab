/**
 * A build as plain lines, as BuildKit writes them: `#5 [2/4] RUN make`, `#5 0.312 cc -c x.c`, `#5 DONE 0.4s`.
 * One step speaks at a time; what the others say meanwhile waits for their turn.
 */
import type { BuildEvent } from '../../engine-api/build.ts';
import { formatSize } from '../human.ts';
import { type BuildModel, secondsOf, type StepState } from './model.ts';

/** For so long a step may go on speaking while others have something to say. */
const turn = 5000;
/** A transfer that goes on is told again after so long, and when it ends. */
const tellPause = 5000;

interface Speaker {
  readonly number: number;
  /** Complete lines that nobody has seen. */
  readonly waiting: string[];
  /** The beginning of a line of its log, with its time. */
  open: string;
  isAnnounced: boolean;
  isOver: boolean;
}

interface Told {
  readonly status: string;
  readonly at: number;
}

export class PlainLines {
  readonly #model: BuildModel;
  readonly #speakers = new Map<number, Speaker>();
  readonly #told = new Map<string, Told>();
  #current: number | undefined;
  #since = 0;
  #isFirst = true;

  constructor(model: BuildModel) {
    this.#model = model;
  }

  /** The text to write for an event that the model has just taken. */
  take(event: BuildEvent, now: number): string {
    if (!('step' in event) || event.type === 'failed' || event.step === undefined) return '';
    const state = this.#model.step(event.step);
    if (!state) return '';
    this.#note(event, state, now);
    return this.speak(now);
  }

  /** What may be said by now; to be asked now and then while nothing happens. */
  speak(now: number): string {
    let text = '';
    for (;;) {
      const next = this.#next(now);
      if (next === undefined) return text;
      text += this.#say(next, now);
    }
  }

  #note(event: BuildEvent, state: StepState, now: number): void {
    const speaker = this.#speaker(state.step.id);
    if (event.type === 'log') this.#log(speaker, state, event.text, now);
    else if (event.type === 'progress') this.#transfer(speaker, event, now);
    else if (event.type === 'done') {
      this.#endLine(speaker);
      speaker.waiting.push(endLine(state, now));
      speaker.isOver = true;
    }
  }

  #speaker(id: number): Speaker {
    const known = this.#speakers.get(id);
    if (known) return known;
    const speaker: Speaker = {
      number: this.#speakers.size + 1,
      waiting: [],
      open: '',
      isAnnounced: false,
      isOver: false,
    };
    this.#speakers.set(id, speaker);
    return speaker;
  }

  #log(speaker: Speaker, state: StepState, text: string, now: number): void {
    const [first = '', ...rest] = text.split('\n');
    const begin = (line: string): string => `${timestamp(secondsOf(state, now))} ${line}`;
    if (first !== '') speaker.open = speaker.open === '' ? begin(first) : speaker.open + first;
    for (const line of rest) {
      speaker.waiting.push(speaker.open === '' ? begin('') : speaker.open);
      speaker.open = line === '' ? '' : begin(line);
    }
  }

  #endLine(speaker: Speaker): void {
    if (speaker.open !== '') speaker.waiting.push(speaker.open);
    speaker.open = '';
  }

  #transfer(speaker: Speaker, event: Extract<BuildEvent, { type: 'progress' }>, now: number): void {
    const { step, id, status, current = 0, total = 0 } = event;
    const key = `${step} ${id}`;
    const last = this.#told.get(key);
    const isOver = total > 0 && current >= total;
    if (last?.status === status && !isOver && now - last.at < tellPause) return;
    this.#told.set(key, { status, at: now });
    const size = isOver ? ` ${formatSize(total, 4)} done` : sizeOf(current, total);
    speaker.waiting.push(`${id}${status === '' ? '' : ` ${status}`}${size}`);
  }

  /** Whose turn it is: who speaks already, unless that took long enough; else whoever ended, then whoever waits. */
  #next(now: number): number | undefined {
    const has = (id: number): boolean => {
      const speaker = this.#speakers.get(id);
      return speaker !== undefined && (speaker.waiting.length > 0 || !speaker.isAnnounced);
    };
    const current = this.#current === undefined ? undefined : this.#speakers.get(this.#current);
    if (this.#current !== undefined && has(this.#current)) return this.#current;
    const isHeld = current !== undefined && !current.isOver && now - this.#since < turn;
    const others = [...this.#speakers.keys()].filter((id) => id !== this.#current && has(id));
    const over = others.find((id) => this.#speakers.get(id)?.isOver === true);
    return over ?? (isHeld ? undefined : others[0]);
  }

  #say(id: number, now: number): string {
    const speaker = this.#speaker(id);
    let text = '';
    if (id !== this.#current) {
      const before = this.#current === undefined ? undefined : this.#speakers.get(this.#current);
      if (before && !before.isOver) text += `#${before.number} ...\n`;
      text += `${this.#isFirst ? '' : '\n'}#${speaker.number} ${this.#model.step(id)?.step.name ?? ''}\n`;
      this.#isFirst = false;
      this.#current = id;
      this.#since = now;
      speaker.isAnnounced = true;
    }
    for (const line of speaker.waiting.splice(0)) text += `#${speaker.number} ${line}\n`;
    return text;
  }
}

function sizeOf(current: number, total: number): string {
  if (total > 0) return ` ${formatSize(current, 4)} / ${formatSize(total, 4)}`;
  return current > 0 ? ` ${formatSize(current, 4)}` : '';
}

function endLine(state: StepState, now: number): string {
  switch (state.status) {
    case 'canceled':
      return 'CANCELED';
    case 'failed':
      return `ERROR: ${state.error ?? ''}`;
    case 'cached':
      return 'CACHED';
    default:
      return `DONE ${secondsOf(state, now).toFixed(1)}s`;
  }
}

/** Seconds with four digits or so: `0.312`, `12.31`, `123.3`. */
export function timestamp(seconds: number): string {
  return seconds.toFixed(seconds < 10 ? 3 : seconds < 100 ? 2 : 1);
}
