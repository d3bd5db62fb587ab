/** One line of comma separated values, as Go's encoding/csv reads it: `a,"b,c"`. */
import { InvalidError } from './errors.ts';

/** @throws InvalidError in Go's words. */
export function splitFields(text: string): readonly string[] {
  if (text === '') throw new InvalidError('EOF');
  const fields: string[] = [];
  for (let at = 0; ;) {
    const field = text[at] === '"' ? quoted(text, at) : plain(text, at);
    fields.push(field.value);
    if (field.end >= text.length) return fields;
    at = field.end + 1;
  }
}

interface Field {
  readonly value: string;
  /** Where the comma is, or the end. */
  readonly end: number;
}

function plain(text: string, start: number): Field {
  const comma = text.indexOf(',', start);
  const end = comma === -1 ? text.length : comma;
  const quote = text.slice(start, end).indexOf('"');
  if (quote !== -1) throw wrong(start + quote, 'bare " in non-quoted-field');
  return { value: text.slice(start, end), end };
}

/** Two quotes are one. */
function quoted(text: string, start: number): Field {
  let value = '';
  for (let at = start + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) throw wrong(text.length, 'extraneous or missing " in quoted-field');
    value += text.slice(at, quote);
    const next = text[quote + 1];
    if (next === undefined || next === ',') return { value, end: quote + 1 };
    if (next !== '"') throw wrong(quote, 'extraneous or missing " in quoted-field');
    value += '"';
    at = quote + 2;
  }
}

function wrong(at: number, what: string): InvalidError {
  return new InvalidError(`parse error on line 1, column ${at + 1}: ${what}`);
}
