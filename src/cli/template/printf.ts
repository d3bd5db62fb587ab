/** Go's fmt verbs as far as templates use them: %s %v %q %d %x %t %f %g %c %%, with width, precision and flags. */
import { formatValue } from './format-value.ts';

export function sprintf(format: string, values: readonly unknown[]): string {
  let next = 0;
  const text = format.replaceAll(
    /%([-+0 #]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const shown = convert(verb, values[next++], precision);
      return fit(shown, flags, Number(width || '0'));
    },
  );
  const extra = values.slice(next).map((value) => `${goType(value)}=${formatValue(value)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function convert(verb: string, value: unknown, precision: string | undefined): string {
  const places = precision === undefined ? undefined : Number(precision);
  switch (verb) {
    case 'q':
      return JSON.stringify(formatValue(value));
    case 'd':
      return typeof value === 'number' ? value.toFixed(0) : mismatch(verb, value);
    case 'f':
      return typeof value === 'number' ? value.toFixed(places ?? 6) : mismatch(verb, value);
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(formatValue(value)).toString('hex');
    case 't':
      return typeof value === 'boolean' ? String(value) : mismatch(verb, value);
    case 'c':
      return String.fromCodePoint(Number(value));
    case 's':
      return typeof value === 'number' || typeof value === 'boolean'
        ? mismatch(verb, value)
        : cut(formatValue(value), places);
    default:
      return cut(formatValue(value), places);
  }
}

function cut(text: string, places: number | undefined): string {
  return places === undefined ? text : Array.from(text).slice(0, places).join('');
}

function mismatch(verb: string, value: unknown): string {
  return `%!${verb}(${goType(value)}=${formatValue(value)})`;
}

function goType(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'map[string]interface {}';
}

function fit(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  return text.padStart(width, flags.includes('0') ? '0' : ' ');
}
