/** How a build is shown while it runs: --progress. Every display takes the same events. */
import type { BuildEvent } from '../../engine-api/build.ts';
import { InvalidError } from '../../lib/errors.ts';
import type { Output } from '../output.ts';
import { onResize, terminalSize } from '../terminal.ts';
import type { BuildModel } from './model.ts';
import { drawPicture } from './picture.ts';
import { PlainLines } from './plain.ts';
import { Screen } from './screen.ts';

export type ProgressMode = 'tty' | 'plain' | 'json' | 'quiet';

/** Shows what the model has just taken; `end` shows the last state, whatever it is. */
export interface Display extends AsyncDisposable {
  show(event: BuildEvent): Promise<void>;
  end(): Promise<void>;
}

/** @throws InvalidError for what --progress does not know. */
export function chooseMode(text: string, isQuiet: boolean, err: Output): ProgressMode {
  if (isQuiet) return 'quiet';
  switch (text) {
    case 'auto':
      return err.isTerminal ? 'tty' : 'plain';
    case 'tty':
      if (!err.isTerminal) throw new InvalidError('failed to get console: provided file is not a console');
      return 'tty';
    case 'plain':
      return 'plain';
    case 'json':
    case 'rawjson':
      return 'json';
    case 'quiet':
    case 'none':
      return 'quiet';
    default:
      throw new InvalidError(`invalid progress mode ${text}`);
  }
}

export interface DisplayOptions {
  readonly mode: ProgressMode;
  readonly err: Output;
  readonly isColoured: boolean;
}

export function openDisplay(model: BuildModel, { mode, err, isColoured }: DisplayOptions): Display {
  switch (mode) {
    case 'tty':
      return new Picture(model, err, isColoured);
    case 'plain':
      return new Lines(model, err);
    case 'json':
      return silent((event) => err.write(`${JSON.stringify(event)}\n`));
    default:
      return silent(() => Promise.resolve());
  }
}

function silent(show: (event: BuildEvent) => Promise<void>): Display {
  return { show, end: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() };
}

const framePause = 100;
const linePause = 1000;

/** Drawn again ten times a second, and at once when the window changes. */
class Picture implements Display {
  readonly #model: BuildModel;
  readonly #out: Output;
  readonly #isColoured: boolean;
  readonly #screen: Screen;
  readonly #since = Date.now();
  readonly #timer: Timer;
  readonly #resize: Disposable;
  #drawing: Promise<void> = Promise.resolve();

  constructor(model: BuildModel, out: Output, isColoured: boolean) {
    this.#model = model;
    this.#out = out;
    this.#isColoured = isColoured;
    this.#screen = new Screen(out);
    this.#timer = setInterval(() => void this.#draw(false), framePause);
    this.#resize = onResize(() => void this.#draw(false));
  }

  show(): Promise<void> {
    return Promise.resolve();
  }

  end(): Promise<void> {
    this.#stop();
    return this.#draw(true);
  }

  #draw(isFinal: boolean): Promise<void> {
    this.#drawing = this.#drawing.then(() => {
      const size = terminalSize();
      const columns = size?.w ?? this.#out.columns;
      const rows = size?.h ?? 24;
      const common = { isColoured: this.#isColoured, now: Date.now(), since: this.#since };
      return this.#screen.draw(drawPicture(this.#model, { columns, rows, isFinal, ...common }), columns);
    });
    return this.#drawing;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#resize[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#drawing;
    await this.#screen[Symbol.asyncDispose]();
  }
}

class Lines implements Display {
  readonly #lines: PlainLines;
  readonly #out: Output;
  readonly #timer: Timer;

  constructor(model: BuildModel, out: Output) {
    this.#lines = new PlainLines(model);
    this.#out = out;
    this.#timer = setInterval(() => void out.write(this.#lines.speak(Date.now())), linePause);
  }

  async show(event: BuildEvent): Promise<void> {
    const text = this.#lines.take(event, Date.now());
    if (text !== '') await this.#out.write(text);
  }

  async end(): Promise<void> {
    await this.#out.write(this.#lines.speak(Number.POSITIVE_INFINITY));
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }
}
