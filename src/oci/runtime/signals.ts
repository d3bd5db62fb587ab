/** Signals by name or number, as `--signal`, `--stop-signal` and STOPSIGNAL give them. */
import { constants } from 'node:os';
import { InvalidError } from '../../lib/errors.ts';

const SIGRTMIN = 34;
const SIGRTMAX = 64;

/** @throws InvalidError in docker's words. */
export function parseSignal(text: string): number {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number >= 1 && number <= SIGRTMAX) return number;
    throw new InvalidError(`invalid signal: ${text}`);
  }
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const number = realTime(name) ?? new Map(Object.entries(constants.signals)).get(name);
  if (number === undefined) throw new InvalidError(`invalid signal: ${text}`);
  return number;
}

/** RTMIN+n and RTMAX-n. */
function realTime(name: string): number | undefined {
  const [, base, offset = '0'] = /^SIG(RTMIN\+?|RTMAX-?)(\d*)$/.exec(name) ?? [];
  if (base === undefined) return undefined;
  const number = base.startsWith('RTMIN') ? SIGRTMIN + Number(offset) : SIGRTMAX - Number(offset);
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : undefined;
}
