/** `max-size` of `--log-opt`: a number with k, m or g. */
import { InvalidError } from '../../lib/errors.ts';

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes; undefined where nothing is given or -1 stands for no limit. @throws InvalidError */
export function parseSize(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || text === '-1') return undefined;
  const [, digits, unit = ''] = /^(\d+)\s*([bkmg]?)b?$/i.exec(text) ?? [];
  const factor = units[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) throw new InvalidError(`invalid size: '${text}'`);
  return Number(digits) * factor;
}
