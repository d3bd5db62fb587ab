/** The functions of a template: Go's own and docker's (json, split, join, title, lower, upper, pad, truncate). */
import { InvalidError } from '../../lib/errors.ts';
import { formatValue } from './format-value.ts';
import { sprintf } from './printf.ts';

export type TemplateFunction = (...args: readonly unknown[]) => unknown;

/** False for Go's zero values: false, 0, nil, and what is empty. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** Go's JSON: `<`, `>` and `&` escaped, keys of rows in order. @param indent blanks a level; 0: on one line. */
export function toJson(value: unknown, indent = 0): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return (JSON.stringify(value ?? null, undefined, indent) ?? 'null').replaceAll(
    /[<>&\u2028\u2029]/g,
    escape,
  );
}

const text = (value: unknown): string => (typeof value === 'string' ? value : formatValue(value));

function count(value: unknown): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  throw new InvalidError(`error calling len: len of type ${typeof value}`);
}

function index(value: unknown, ...keys: readonly unknown[]): unknown {
  return keys.reduce<unknown>((at, key) => {
    if (Array.isArray(at)) {
      const position = Number(key);
      if (position >= 0 && position < at.length) return at[position];
      throw new InvalidError(`error calling index: index out of range: ${position}`);
    }
    if (typeof at === 'object' && at !== null) return (at as Record<string, unknown>)[String(key)];
    throw new InvalidError('error calling index: index of untyped nil');
  }, value);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return Number(a) - Number(b);
}

function slice(value: unknown, from: unknown = 0, to?: unknown): unknown {
  const end = to === undefined ? undefined : Number(to);
  return Array.isArray(value) ? value.slice(Number(from), end) : text(value).slice(Number(from), end);
}

function pad(value: unknown, before: unknown, after: unknown): string {
  const shown = text(value);
  return shown === '' ? '' : ' '.repeat(Number(before)) + shown + ' '.repeat(Number(after));
}

function join(items: unknown, separator: unknown): string {
  return (Array.isArray(items) ? items : []).map(text).join(text(separator));
}

/** Go's Sprint puts a blank between two operands where neither is a string. */
function print(...values: readonly unknown[]): string {
  return values
    .map((value, at) => {
      const isApart = at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string';
      return (isApart ? ' ' : '') + formatValue(value);
    })
    .join('');
}

export const functions: Readonly<Record<string, TemplateFunction>> = {
  json: (value) => toJson(value),
  split: (value, separator) => text(value).split(text(separator)),
  join,
  title: (value) => text(value).replaceAll(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase()),
  lower: (value) => text(value).toLowerCase(),
  upper: (value) => text(value).toUpperCase(),
  pad,
  truncate: (value, width) => Array.from(text(value)).slice(0, Number(width)).join(''),
  len: count,
  index,
  slice,
  print,
  println: (...values) => `${values.map(formatValue).join(' ')}\n`,
  printf: (format, ...values) => sprintf(text(format), values),
  html: (value) => Bun.escapeHTML(text(value)),
  urlquery: (value) => encodeURIComponent(text(value)),
  not: (value) => !isTrue(value),
  and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (...values) => values.find(isTrue) ?? values.at(-1),
  eq: (value, ...others) => others.some((other) => compareEqual(value, other)),
  ne: (a, b) => !compareEqual(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
};

function compareEqual(a: unknown, b: unknown): boolean {
  if (a !== null && b !== null && typeof a !== typeof b) {
    throw new InvalidError('error calling eq: incompatible types for comparison');
  }
  return a === b;
}
