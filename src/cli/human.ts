/** Sizes and times as docker shows them: decimal units with four digits, ages in the largest unit that fits. */

const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 4261502 → `4.26MB`. @param digits significant ones: 3 in lists, 4 in progress. */
export function formatSize(bytes: number, digits = 3): string {
  return scale(bytes, 1000, decimalUnits, digits);
}

/** 536870912 → `512MiB`. */
export function formatBinarySize(bytes: number, digits = 4): string {
  return scale(bytes, 1024, binaryUnits, digits);
}

function scale(bytes: number, base: number, units: readonly string[], digits: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= base && unit < units.length - 1; unit++) value /= base;
  return formatSignificant(value, digits) + (units[unit] ?? '');
}

/** Go's `%.<n>g` for the numbers that occur here: no trailing zeros, an exponent only where the digits don't reach. */
function formatSignificant(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  if (text.includes('e')) {
    const [mantissa = '', exponent = ''] = text.split('e');
    return `${mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa}e${exponent.replace(/([+-])(\d)$/, '$10$2')}`;
  }
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** 130 → `2 minutes`. @param seconds whole or not; cut, not rounded. */
export function formatDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  const hours = Math.trunc(seconds / hour + 0.5);
  if (whole < 1) return 'Less than a second';
  if (whole === 1) return '1 second';
  if (whole < minute) return `${whole} seconds`;
  if (Math.trunc(whole / minute) === 1) return 'About a minute';
  if (whole < hour) return `${Math.trunc(whole / minute)} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(seconds / day / 365)} years`;
}

/** The age of an instant, `3 hours ago`. */
export function formatAge(unixSeconds: number, now = Date.now()): string {
  return `${formatDuration(now / 1000 - unixSeconds)} ago`;
}

/** Go's `time.Time.String()` in UTC: `2026-11-23 14:22:14 +0000 UTC`. */
export function formatTime(unixSeconds: number): string {
  const local = new Date(unixSeconds * 1000);
  const offset = -local.getTimezoneOffset();
  const shifted = new Date(local.getTime() + offset * 60_000).toISOString();
  const zone = `${offset < 0 ? '-' : '+'}${pad2(Math.abs(offset) / 60)}${pad2(Math.abs(offset) % 60)}`;
  const name = offset === 0 ? 'UTC' : zoneName(local);
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} ${zone} ${name}`;
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(date);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'Local';
}

function pad2(value: number): string {
  return String(Math.trunc(value)).padStart(2, '0');
}

/** Cuts to a width, the last character becoming `…` where something is left out. */
export function ellipsis(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  return width <= 1 ? characters.slice(0, width).join('') : `${characters.slice(0, width - 1).join('')}…`;
}

/** The first twelve digits of an id, without `sha256:`. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
