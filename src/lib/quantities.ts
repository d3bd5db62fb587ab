/** Quantities as Go's programs read them: sizes in powers of 1024, decimals, durations. Messages are Go's. */
import { InvalidError } from './errors.ts';

const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** `512m` → 536870912; `-1` stays. The suffix is one letter, `b` or `ib` after it is allowed. */
export function parseBytes(text: string): number {
  if (text === '-1') return -1;
  const match = /^([0-9]+(?:\.[0-9]+)?|\.[0-9]+) ?(.*)$/.exec(text);
  if (!match) throw new InvalidError(`invalid size: '${text}'`);
  const suffix = (match[2] ?? '').toLowerCase();
  const power = powers[suffix.replace(/(?<=[kmgtp])i?b$/, '')];
  if (power === undefined) throw new InvalidError(`invalid suffix: '${suffix}'`);
  return Math.trunc(Number(match[1]) * 1024 ** power);
}

/** `1.5GB` → 1500000000, `2GiB` → 2147483648: sizes as they are shown, in powers of 1000 unless an `i` says otherwise. */
export function parseSize(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,3})?) ?(?:([kmgtp]?)(i?)b?)$/i.exec(text);
  const power = powers[(match?.[2] ?? '').toLowerCase()];
  if (!match || power === undefined)
    throw new InvalidError(`invalid size: '${text}', 500MB or 20GB is expected`);
  return Math.trunc(Number(match[1]) * (match[3] ? 1024 : 1000) ** power);
}

/** `1.5` → 1500000000: billionths, so that no CPU share is lost to rounding. */
export function parseDecimal(text: string): number {
  const match = /^([0-9]*)(?:\.([0-9]*))?$/.exec(text);
  if (!match || text === '' || text === '.') {
    throw new InvalidError(`failed to parse ${text} as a rational number`);
  }
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > 9) throw new InvalidError('value is too precise');
  return Number(match[1] || '0') * 1e9 + Number(fraction.padEnd(9, '0'));
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** `1m30s` → nanoseconds. */
export function parseDuration(text: string): number {
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  const quoted = JSON.stringify(text);
  if (!/^(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[a-zµ]+|$))+$/.test(body)) {
    throw new InvalidError(`time: invalid duration ${quoted}`);
  }
  let total = 0;
  for (const [, number, unit = ''] of body.matchAll(/([0-9.]+)([a-zµ]*)/g)) {
    const scale = units[unit];
    if (unit === '') throw new InvalidError(`time: missing unit in duration ${quoted}`);
    if (scale === undefined) {
      throw new InvalidError(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    }
    total += Number(number) * scale;
  }
  return Math.round(text.startsWith('-') ? -total : total);
}
