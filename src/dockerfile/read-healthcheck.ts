/** HEALTHCHECK: NONE, or a command with its times. Pure. */
import { InvalidError } from '../lib/errors.ts';
import { parseDuration } from '../lib/quantities.ts';
import { readFlags } from './flags.ts';
import type { Healthcheck } from './instruction.ts';
import { readCommand, type Rest, type Without } from './read-command.ts';

/** @throws InvalidError */
export function readHealthcheck({ flags: words, rest }: Rest): Without<Healthcheck> {
  const [, type = '', text = ''] = /^(\S+)\s*([\s\S]*)$/.exec(rest) ?? [];
  if (type === '') throw new InvalidError('HEALTHCHECK requires at least one argument');
  if (type.toUpperCase() === 'NONE') {
    if (text !== '') throw new InvalidError('HEALTHCHECK NONE takes no arguments');
    return { kind: 'HEALTHCHECK', none: true };
  }
  const flags = readFlags(words, {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  });
  if (type.toUpperCase() !== 'CMD') {
    throw new InvalidError(`Unknown type ${JSON.stringify(type.toUpperCase())} in HEALTHCHECK (try CMD)`);
  }
  const command = readCommand(text);
  if (command.form === 'exec' ? command.words.length === 0 : command.text === '') {
    throw new InvalidError('Missing command after HEALTHCHECK CMD');
  }
  return {
    kind: 'HEALTHCHECK',
    none: false,
    command,
    ...(flags.interval && { interval: readInterval('interval', flags.interval) }),
    ...(flags.timeout && { timeout: readInterval('timeout', flags.timeout) }),
    ...(flags['start-period'] && { startPeriod: readInterval('start-period', flags['start-period']) }),
    ...(flags['start-interval'] && {
      startInterval: readInterval('start-interval', flags['start-interval']),
    }),
    ...(flags.retries && { retries: readRetries(flags.retries) }),
  };
}

/** Nanoseconds; none or a millisecond at least. */
function readInterval(name: string, text: string): number {
  const duration = parseDuration(text);
  if (duration !== 0 && duration < 1e6) {
    throw new InvalidError(`Interval ${JSON.stringify(name)} cannot be less than 1ms`);
  }
  return duration;
}

function readRetries(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new InvalidError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const retries = Number(text);
  if (retries < 0) throw new InvalidError(`--retries cannot be negative (${retries})`);
  if (retries > 2 ** 31 - 1) {
    throw new InvalidError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  }
  return retries;
}
