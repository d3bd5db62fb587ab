/**
 * What a command is: a table of flags, how many arguments, and a function. Each verb is a file that exports one;
 * command-tree.ts names them all and loads only the one that was asked for.
 */
import type { CliContext } from './context.ts';
import type { FlagTable, FlagValues } from './flags.ts';

export interface ArgumentCount {
  readonly least: number;
  readonly most: number;
}

export interface Invocation<T extends FlagTable> {
  readonly context: CliContext;
  readonly flags: FlagValues<T>;
  readonly args: readonly string[];
  /** The names of the flags that were given. */
  readonly given: ReadonlySet<string>;
  /** `cais container run`: as it was called, for messages. */
  readonly calledAs: string;
}

export interface Command {
  /** What follows the command's name: `[OPTIONS] IMAGE [COMMAND] [ARG...]`. */
  readonly usage: string;
  /** The description in its own help, where it is longer than the line in the list of commands. */
  readonly long?: string;
  readonly aliases?: readonly string[];
  readonly flags: FlagTable;
  readonly count: ArgumentCount;
  /** False where options stop at the first argument. */
  readonly interspersed: boolean;
  /** Every word is an argument, flags too: they are another program's. */
  readonly isRaw?: boolean;
  /** What the words after the flags name, for shell completion. */
  readonly completes?: Completes;
  /** @returns the exit code; nothing means 0. */
  readonly run: (invocation: Invocation<FlagTable>) => Promise<number | void>;
}

export type Completes = 'container' | 'running' | 'stopped' | 'image' | 'none';

/** Declares a command; the flags' types reach its function. */
export function defineCommand<const T extends FlagTable>(command: {
  readonly usage: string;
  readonly long?: string;
  readonly aliases?: readonly string[];
  readonly flags: T;
  readonly count: ArgumentCount;
  readonly interspersed?: boolean;
  readonly completes?: Completes;
  readonly isRaw?: boolean;
  readonly run: (invocation: Invocation<T>) => Promise<number | void>;
}): Command {
  // Only parse-flags.ts makes the values, from this same table.
  return { interspersed: true, ...command } as unknown as Command;
}

export function exactly(count: number): ArgumentCount {
  return { least: count, most: count };
}

export function atLeast(count: number): ArgumentCount {
  return { least: count, most: Number.POSITIVE_INFINITY };
}

export function between(least: number, most: number): ArgumentCount {
  return { least, most };
}

/** What is wrong with this many arguments, in docker's words; undefined where nothing is. */
export function countComplaint(count: ArgumentCount, actual: number): string | undefined {
  if (actual >= count.least && actual <= count.most) return undefined;
  if (count.most === 0) return 'accepts no arguments';
  if (count.least === count.most) return `requires ${plural(count.least)}`;
  if (count.most === Number.POSITIVE_INFINITY) return `requires at least ${plural(count.least)}`;
  if (count.least === 0) return `requires at most ${plural(count.most)}`;
  return `requires at least ${count.least} and at most ${plural(count.most)}`;
}

function plural(count: number): string {
  return `${count} ${count === 1 ? 'argument' : 'arguments'}`;
}
