/** argv against a command's table of flags, by pflag's rules and with pflag's messages. */
import { InvalidError, messageOf } from '../lib/errors.ts';
import type { Flag, FlagTable, FlagValues } from './flags.ts';

export interface Parsed<T extends FlagTable> {
  readonly values: FlagValues<T>;
  /** The names that were given, for flags whose absence means something else than their default. */
  readonly given: ReadonlySet<string>;
  readonly args: readonly string[];
}

/** Where parsing may find help, which every command has. */
export interface HelpAsked {
  readonly help: true;
}

interface State {
  readonly table: FlagTable;
  readonly values: Record<string, unknown>;
  readonly given: Set<string>;
  readonly rest: string[];
}

/**
 * Reads flags and arguments.
 * @param interspersed false where options stop at the first argument: `run IMAGE -x` gives -x to the image's command.
 * @throws InvalidError in pflag's words.
 */
export function parseFlags<T extends FlagTable>(
  table: T,
  argv: readonly string[],
  interspersed: boolean,
): Parsed<T> | HelpAsked {
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) values[name] = flag.initial;
  const state: State = { table, values, given: new Set(), rest: [...argv] };
  const args: string[] = [];
  for (let word = state.rest.shift(); word !== undefined; word = state.rest.shift()) {
    if (word === '--') return finish<T>(state, [...args, ...state.rest]);
    if (word.length < 2 || !word.startsWith('-')) {
      args.push(word);
      if (!interspersed) return finish<T>(state, [...args, ...state.rest]);
      continue;
    }
    const help = word.startsWith('--') ? takeLong(state, word) : takeShorts(state, word);
    if (help) return { help: true };
  }
  return finish<T>(state, args);
}

function finish<T extends FlagTable>(state: State, args: readonly string[]): Parsed<T> {
  return { values: state.values as FlagValues<T>, given: state.given, args };
}

/** @returns true where help is asked for. */
function takeLong(state: State, word: string): boolean {
  const equals = word.indexOf('=');
  const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
  const attached = equals === -1 ? undefined : word.slice(equals + 1);
  if (name === '' || name.startsWith('-') || name.startsWith('=')) {
    throw new InvalidError(`bad flag syntax: ${word}`);
  }
  const flag = state.table[name];
  if (!flag && name === 'help') return true;
  if (!flag) throw new InvalidError(`unknown flag: --${name}`);
  const text = attached ?? (flag.isSwitch || standsAlone(flag, state.rest[0]) ? 'true' : state.rest.shift());
  if (text === undefined) throw new InvalidError(`flag needs an argument: --${name}`);
  set(state, name, flag, text);
  return false;
}

function standsAlone({ mayStandAlone }: Flag<unknown>, next: string | undefined): boolean {
  return mayStandAlone === true && (next === undefined || next.startsWith('-'));
}

/** @returns true where help is asked for: `-h`, unless the command has a flag of that letter. */
function takeShorts(state: State, word: string): boolean {
  for (let letters = word.slice(1); letters !== '';) {
    const letter = letters[0] ?? '';
    const entry = Object.entries(state.table).find(([, flag]) => flag.short === letter);
    if (!entry && letter === 'h') return true;
    if (!entry) throw new InvalidError(`unknown shorthand flag: '${letter}' in -${letters}`);
    const [name, flag] = entry;
    const rest = letters.slice(1);
    letters = flag.isSwitch && !rest.startsWith('=') ? rest : '';
    set(state, name, flag, shortValue(state, flag, word, letter, rest));
  }
  return false;
}

function shortValue(state: State, flag: Flag<unknown>, word: string, letter: string, rest: string): string {
  if (rest.startsWith('=')) return rest.slice(1);
  if (flag.isSwitch) return 'true';
  const text = rest === '' ? state.rest.shift() : rest;
  if (text === undefined) throw new InvalidError(`flag needs an argument: '${letter}' in ${word}`);
  return text;
}

function set(state: State, name: string, flag: Flag<unknown>, text: string): void {
  const target = flag.aliasOf ?? name;
  try {
    state.values[target] = flag.take(text, state.values[target]);
  } catch (error) {
    const shown = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
    throw new InvalidError(
      `invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${messageOf(error)}`,
    );
  }
  state.given.add(target);
}
