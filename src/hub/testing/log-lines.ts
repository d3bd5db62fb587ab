/** A hub's log that a test reads. */
import { pino } from 'pino';
import type { Log } from '../../lib/log.ts';

export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly level: number;
  readonly msg: string;
}

export class LogLines {
  readonly lines: LogLine[] = [];
  readonly log: Log;

  constructor(level = 'info') {
    this.log = pino(
      { level },
      { write: (line: string) => void this.lines.push(JSON.parse(line) as LogLine) },
    );
  }

  /** Those that say `message`, as told so far. */
  of(message: string): readonly LogLine[] {
    return this.lines.filter(({ msg }) => msg === message);
  }
}
