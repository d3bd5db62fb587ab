/**
 * Lists as every `ls` prints them: the default table, `--format 'table …'`, `json`, or a template per row.
 * A command gives columns (name, heading, value) and the default layout; --quiet is a layout too.
 */
import { InvalidError, messageOf } from '../lib/errors.ts';
import { alignTabs } from './table.ts';
import { compileTemplate } from './template/execute.ts';
import { toJson } from './template/functions.ts';

interface Column<T> {
  readonly heading: string;
  /** A value, or a function for a column that takes a word: `{{.Label "a"}}`. */
  readonly value: (item: T) => unknown;
  /** False for what templates may ask for but `json` leaves out. */
  readonly inJson?: boolean;
}

export interface Listing<T> {
  readonly columns: Readonly<Record<string, Column<T>>>;
  /** The template of the default table. */
  readonly table: string;
  /** The Go type that messages name. */
  readonly typeName: string;
  /** The template is tried before there are rows, with this kind of complaint. */
  readonly isTried?: boolean;
}

/** The whole list as text, ready to be written. @throws InvalidError for a template that doesn't parse or run. */
export function formatList<T>(listing: Listing<T>, items: readonly T[], format: string | undefined): string {
  const wanted =
    format === undefined || format === '' || format === 'table' ? `table ${listing.table}` : format;
  if (wanted === 'json') return items.map((item) => `${toJson(jsonRow(listing, item))}\n`).join('');
  const isTable = wanted.startsWith('table ');
  if (listing.isTried === true && !isTable) tryTemplate(listing, wanted);
  const template = compileRow(listing, isTable ? wanted.slice('table '.length) : wanted);
  const rows = items.map((item) => `${template(row(listing, item))}\n`);
  if (!isTable) return rows.join('');
  return alignTabs(`${headings(listing, template)}\n${rows.join('')}`);
}

/** As `formatList` for rows that come one by one: a template or `json`. A table's columns cannot be aligned so. */
export function formatRows<T>(listing: Listing<T>, format: string): (item: T) => string {
  if (format === 'json') return (item) => `${toJson(jsonRow(listing, item))}\n`;
  if (format === 'table' || format.startsWith('table '))
    throw new InvalidError('a table with a template of its own cannot be shown here');
  const template = compileRow(listing, format);
  return (item) => `${template(row(listing, item))}\n`;
}

function tryTemplate<T>(listing: Listing<T>, source: string): void {
  let step = 'parse';
  try {
    const template = compileTemplate(source, { typeName: listing.typeName });
    step = 'execute';
    headings(listing, template);
  } catch (error) {
    throw new InvalidError(`failed to ${step} template: ${messageOf(error)}`, { cause: error });
  }
}

function compileRow<T>(listing: Listing<T>, source: string) {
  const text = source
    .trim()
    .replaceAll(String.raw`\t`, '\t')
    .replaceAll(String.raw`\n`, '\n');
  try {
    const template = compileTemplate(text, { typeName: listing.typeName });
    return (value: unknown) => runRow(template, value);
  } catch (error) {
    throw new InvalidError(`template parsing error: ${messageOf(error)}`, { cause: error });
  }
}

function runRow(template: (value: unknown) => string, value: unknown): string {
  try {
    return template(value);
  } catch (error) {
    throw new InvalidError(`template parsing error: ${messageOf(error)}`, { cause: error });
  }
}

/** A value is made when a template asks for it: dates and sizes that nobody shows cost nothing. */
function row<T>({ columns }: Listing<T>, item: T): Record<string, unknown> {
  const descriptors = Object.entries(columns).map(
    ([name, column]) => [name, { enumerable: true, get: () => column.value(item) }] as const,
  );
  return Object.defineProperties<Record<string, unknown>>({}, Object.fromEntries(descriptors));
}

function jsonRow<T>(listing: Listing<T>, item: T): Record<string, unknown> {
  const entries = Object.entries(listing.columns).filter(([, column]) => column.inJson !== false);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, column]) => [name, column.value(item)]),
  );
}

function headings<T>({ columns }: Listing<T>, template: (value: unknown) => string): string {
  const names = Object.entries(columns).map(([name, column]) => [name, headingOf(column)] as const);
  return template(Object.fromEntries(names));
}

/** In the heading of a column that takes a word, the word itself is the heading. */
function headingOf<T>({ heading, inJson }: Column<T>): unknown {
  if (inJson !== false || heading !== '') return heading;
  return (word: unknown) => String(word).split('.').at(-1)?.replaceAll(/[-_]/g, ' ').toUpperCase();
}
