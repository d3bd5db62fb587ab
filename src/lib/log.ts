/** The one logger's shape; bin/ chooses where it goes. Lines are JSON, one object each. */
import { pino, type Logger } from 'pino';

export type Log = Logger;

/** A logger to stderr. `level` is pino's: fatal error warn info debug trace silent. */
export function createLog(name: string, level = 'info'): Log {
  return pino({ name, level, base: { name } }, pino.destination({ fd: 2, sync: true }));
}
