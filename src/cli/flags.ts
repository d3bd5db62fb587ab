/**
 * Flags as docker's users type them (pflag's rules): `-it`, `-p80:80`, `-p=80:80`, `--rm=false`, `--name x`, `--`.
 * A command declares its flags as a table of these kinds; parse-flags.ts reads argv with it, help.ts prints it.
 */
import { InvalidError } from '../lib/errors.ts';
import { parseBytes, parseDecimal, parseDuration } from '../lib/quantities.ts';

export interface Flag<T> {
  readonly usage: string;
  /** The letter: `-i`. */
  readonly short?: string;
  /** What help shows as the value: `list`, `string`; '' for a switch. */
  readonly valueName: string;
  /** What help shows as `(default …)`, already quoted. */
  readonly shownDefault?: string;
  /** An alias or an old name: works, but isn't shown. */
  readonly hidden?: boolean;
  /** The name whose value this one sets, for an alias. */
  readonly aliasOf?: string;
  /** The value where the flag isn't given. */
  readonly initial: T;
  /** True where `--flag` alone means `--flag=true`. */
  readonly isSwitch: boolean;
  /** True where `--flag` at the end or before another flag means `--flag=true`, though it takes a value. */
  readonly mayStandAlone?: boolean;
  /** The value after one more occurrence. @throws InvalidError whose message becomes the cause in pflag's sentence. */
  readonly take: (text: string, previous: T) => T;
}

// The values differ in type from flag to flag: only FlagValues below gives them back their types.
// oxlint-disable-next-line typescript/no-explicit-any
export type FlagTable = Readonly<Record<string, Flag<any>>>;
export type FlagValues<T extends FlagTable> = {
  readonly [K in keyof T]: T[K] extends Flag<infer V> ? V : never;
};

interface Extra {
  readonly valueName?: string;
  readonly shownDefault?: string;
  readonly hidden?: boolean;
  readonly aliasOf?: string;
  readonly mayStandAlone?: boolean;
}

function describe(usage: string, short: string | undefined, valueName: string, extra: Extra) {
  return { usage, ...(short !== undefined && { short }), valueName, ...extra };
}

/** A switch. */
export function bool(usage: string, short?: string, initial = false, extra: Extra = {}): Flag<boolean> {
  const shown = initial ? { shownDefault: 'true' } : {};
  const base = describe(usage, short, '', { ...shown, ...extra });
  return { ...base, initial, isSwitch: true, take: (text) => parseBool(text) };
}

/** A switch whose absence differs from `=false`. */
export function optionalBool(usage: string, short?: string): Flag<boolean | undefined> {
  return {
    ...describe(usage, short, '', {}),
    initial: undefined,
    isSwitch: true,
    take: (text) => parseBool(text),
  };
}

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const lies = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

function parseBool(text: string): boolean {
  if (truths.has(text)) return true;
  if (lies.has(text)) return false;
  throw new InvalidError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function value<T>(
  usage: string,
  short: string | undefined,
  kind: string,
  extra: Extra,
  take: (text: string) => T,
) {
  const base = describe(usage, short, kind, extra);
  return { ...base, initial: undefined as T | undefined, isSwitch: false, take };
}

/** Text; undefined where not given. */
export function string(usage: string, short?: string, extra: Extra = {}): Flag<string | undefined> {
  return value(usage, short, 'string', extra, (text) => text);
}

/** Text with a default that help shows. */
export function stringOr(initial: string, usage: string, short?: string): Flag<string> {
  const base = describe(usage, short, 'string', { shownDefault: JSON.stringify(initial) });
  return { ...base, initial, isSwitch: false, take: (text) => text };
}

/** Text given any number of times. */
export function list(usage: string, short?: string, extra: Extra = {}): Flag<readonly string[]> {
  return listOf((text) => text, usage, short, extra);
}

/** The same, each one checked or changed as it comes. */
export function listOf<T>(
  read: (text: string) => T,
  usage: string,
  short?: string,
  extra: Extra = {},
): Flag<readonly T[]> {
  const base = describe(usage, short, 'list', extra);
  return { ...base, initial: [], isSwitch: false, take: (text, previous) => [...previous, read(text)] };
}

/** Comma-separated texts, given any number of times. */
export function strings(usage: string, short?: string): Flag<readonly string[]> {
  const base = describe(usage, short, 'strings', {});
  return {
    ...base,
    initial: [],
    isSwitch: false,
    take: (text, previous) => [...previous, ...text.split(',')],
  };
}

/** `key=value,key=value`, given any number of times. */
export function fields(usage: string): Flag<readonly string[]> {
  const base = describe(usage, undefined, 'stringToString', { shownDefault: '[]' });
  return {
    ...base,
    initial: [],
    isSwitch: false,
    take: (text, previous) => [...previous, ...text.split(',')],
  };
}

/** `key=value`, given any number of times. */
export function map(usage: string, short?: string): Flag<readonly string[]> {
  return list(usage, short, { valueName: 'map', shownDefault: 'map[]' });
}

/** `--filter name=value`. */
export function filter(usage: string, short?: string): Flag<readonly string[]> {
  return listOf(checkFilter, usage, short, { valueName: 'filter' });
}

function checkFilter(text: string): string {
  if (text !== '' && !text.includes('=')) {
    throw new InvalidError('bad format of filter (expected name=value)');
  }
  return text;
}

/** A whole number; undefined where not given. */
export function int(usage: string, short?: string, extra: Extra = {}): Flag<number | undefined> {
  return value(usage, short, 'int', extra, parseInteger);
}

function parseInteger(text: string): number {
  const number = /^[+-]?(\d+|0x[0-9a-fA-F]+)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  const reason = Number.isNaN(number) ? 'invalid syntax' : 'value out of range';
  throw new InvalidError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${reason}`);
}

/** `512m`, `1g`. */
export function bytes(usage: string, short?: string): Flag<number | undefined> {
  return value(usage, short, 'bytes', {}, parseBytes);
}

/** `1.5`, as billionths. */
export function decimal(usage: string, short?: string): Flag<number | undefined> {
  return value(usage, short, 'decimal', {}, parseDecimal);
}

/** `1m30s`, as nanoseconds. */
export function duration(usage: string, short?: string): Flag<number | undefined> {
  return value(usage, short, 'duration', { shownDefault: '0s' }, parseDuration);
}
