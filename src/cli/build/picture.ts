/** The live picture of a build as lines of text, cut to the window: pure, so that tests look at it as people do. */
import { formatSize } from '../human.ts';
import { type BuildModel, secondsOf, type StepState, type StepStatus, type Transfer } from './model.ts';

export interface PictureOptions {
  readonly columns: number;
  readonly rows: number;
  readonly isColoured: boolean;
  /** Our clock, in milliseconds. */
  readonly now: number;
  /** When the build began. */
  readonly since: number;
  /** The last picture: every step, nothing folded away. */
  readonly isFinal: boolean;
}

interface Row {
  readonly text: string;
  readonly right: string;
  readonly style: Style;
}

type Style = 'head' | 'plain' | 'done' | 'failed' | 'canceled' | 'faint';

const codes: Record<Style, string> = {
  head: '\x1b[1m',
  plain: '',
  done: '\x1b[34m',
  failed: '\x1b[31m',
  canceled: '\x1b[33m',
  faint: '\x1b[2m',
};

const styles: Record<StepStatus, Style> = {
  waiting: 'faint',
  running: 'plain',
  done: 'done',
  cached: 'done',
  failed: 'failed',
  canceled: 'canceled',
};

const words: Partial<Record<StepStatus, string>> = {
  cached: 'CACHED ',
  failed: 'ERROR ',
  canceled: 'CANCELED ',
};

/** Lines of log below a step that runs. */
const logRows = 6;

/** The picture's lines, none longer than the window is wide, and no more than it has room for. */
export function drawPicture(model: BuildModel, options: PictureOptions): readonly string[] {
  const shown = model.steps.filter(({ status }) => status !== 'waiting');
  const room = options.isFinal ? Number.POSITIVE_INFINITY : Math.max(1, options.rows - 2);
  const blocks = fold(
    shown.map((step) => block(step, options)),
    room,
  );
  return [head(model, options), ...blocks.flat()].map((row) => paint(row, options));
}

function head(model: BuildModel, { now, since, isFinal }: PictureOptions): Row {
  const ended = model.steps.filter(({ endedAt }) => endedAt !== undefined).length;
  const state = isFinal && model.image ? ' FINISHED' : '';
  const seconds = ((now - since) / 1000).toFixed(1);
  return {
    text: `[+] Building ${seconds}s (${ended}/${model.steps.length})${state}`,
    right: '',
    style: 'head',
  };
}

/** A step's line and what belongs below it. */
interface Block {
  readonly line: Row;
  readonly below: readonly Row[];
  readonly isRunning: boolean;
}

function block(step: StepState, options: PictureOptions): Block {
  const isRunning = step.status === 'running' && !options.isFinal;
  // What the last picture shows as running was broken off.
  const status = options.isFinal && step.status === 'running' ? 'canceled' : step.status;
  const name = step.step.name.replaceAll(/\s+/g, ' ');
  const line = {
    text: ` => ${words[status] ?? ''}${name}`,
    right: `${secondsOf(step, options.now).toFixed(1)}s`,
    style: styles[status],
  };
  if (!isRunning) return { line, below: [], isRunning };
  const transfers = [...step.transfers.values()].map(transferRow);
  const log = step.log
    .last(logRows)
    .map(({ text }) => ({ text: ` => => # ${text}`, right: '', style: 'faint' as const }));
  return { line, below: [...transfers, ...log], isRunning };
}

const barWidth = 20;

function transferRow({ id, status, current, total }: Transfer): Row {
  const text = ` => => ${id}${status === '' ? '' : ` ${status}`}`;
  if (total <= 0) return { text, right: current > 0 ? formatSize(current, 4) : '', style: 'plain' };
  const done = Math.min(barWidth, Math.round((current / total) * barWidth));
  const bar = `${'█'.repeat(done)}${'░'.repeat(barWidth - done)}`;
  return { text, right: `${bar} ${formatSize(current, 4)} / ${formatSize(total, 4)}`, style: 'plain' };
}

/**
 * What the window has room for: what runs comes first, then its logs and transfers, the latest lines of them;
 * of the steps that are over the last ones.
 */
function fold(blocks: readonly Block[], room: number): readonly Row[][] {
  const running = blocks.filter(({ isRunning }) => isRunning).slice(-room);
  let left = room - running.length;
  const below = new Map<Block, readonly Row[]>();
  for (const [at, each] of running.entries()) {
    const share = Math.ceil(left / (running.length - at));
    const rows = share > 0 ? each.below.slice(-share) : [];
    below.set(each, rows);
    left -= rows.length;
  }
  const over = blocks.filter(({ isRunning }) => !isRunning);
  const kept = new Set([...running, ...(left > 0 ? over.slice(-left) : [])]);
  return blocks.filter((each) => kept.has(each)).map((each) => [each.line, ...(below.get(each) ?? [])]);
}

/** Left text and right text on one line; a window too narrow for both keeps the left. */
function paint({ text, right, style }: Row, { columns, isColoured }: PictureOptions): string {
  // The last column stays free: a terminal would begin a new line there.
  const width = Math.max(columns - 1, 1);
  const fits = right !== '' && width - right.length > 20;
  const left = cut(text, fits ? width - right.length - 1 : width);
  const padding = ' '.repeat(Math.max(0, width - right.length - Bun.stringWidth(left)));
  const line = fits ? left + padding + right : left;
  return isColoured && codes[style] !== '' ? `${codes[style]}${line}\x1b[0m` : line;
}

/** At most so many columns, some characters being two wide; what is cut off shows as `…`. */
function cut(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  let taken = '';
  let used = 0;
  for (const character of text) {
    used += Bun.stringWidth(character);
    if (used >= width) break;
    taken += character;
  }
  return `${taken}…`;
}
