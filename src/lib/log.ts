/** The one logger's shape; bin/ chooses where it goes. Lines are JSON, one object each, or text for a person who reads along. */
import { type Logger, pino } from 'pino';
import { InvalidError } from './errors.ts';

export type Log = Logger;

const stderr = 2;
/** pino's number of it: lines from it on are written at once. */
const warn = 40;
/** In milliseconds and bytes: how long, and how much of, lines that only inform wait for others. */
const [maxWait, maxWaiting] = [100, 8192];

/** A logger to stderr. `level` is pino's: fatal error warn info debug trace silent. @param format json or text. */
export function createLog(name: string, level = 'info', format = 'json'): Log {
  if (format !== 'json' && format !== 'text') {
    throw new InvalidError(`invalid --log-format ${JSON.stringify(format)}: json or text is expected`);
  }
  const lines = new Lines(format === 'text' ? textOf : (line) => line);
  return pino({ name, level, base: { name } }, Object.assign(lines, { [Symbol.for('pino.metadata')]: true }));
}

/** Writes many lines at a time: a busy server has one for every request. */
class Lines {
  readonly #out = pino.destination({ fd: stderr, sync: true, minLength: maxWaiting });
  readonly #format: (line: string) => string;
  #timer: NodeJS.Timeout | undefined;
  /** Of the line that is written: pino sets it before. */
  lastLevel = 0;

  constructor(format: (line: string) => string) {
    this.#format = format;
    process.on('exit', () => this.#flush());
  }

  write(line: string): void {
    this.#out.write(this.#format(line));
    if (this.lastLevel >= warn) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), maxWait).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#out.flushSync();
  }
}

/** A line of the log for people: `2026-11-27T02:32:29.012Z WARN hub: sign-in-failed account=alice address=192.0.2.1`. */
export function textOf(line: string): string {
  const { level, time, name, msg, err, ...facts } = JSON.parse(line) as Record<string, unknown>;
  const label = pino.levels.labels[Number(level)]?.toUpperCase() ?? String(level);
  const pairs = Object.entries(facts).map(([key, value]) => ` ${key}=${wordOf(value)}`);
  const stack = err === undefined ? '' : `\n${(err as { stack?: string }).stack ?? wordOf(err)}`;
  return `${new Date(Number(time)).toISOString()} ${label} ${String(name)}: ${String(msg)}${pairs.join('')}${stack}\n`;
}

/** As it is where that is one word, otherwise as in JSON: nothing in it can look like another line. */
function wordOf(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=\p{C}]+$/u.test(value) ? value : JSON.stringify(value);
}
