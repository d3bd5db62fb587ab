/** What the tree of commands is made of: entries with a line for the lists, and groups of them. */
import type { Command } from './command.ts';
import type { ServerPath } from './commands/server/commands.ts';

export interface Entry {
  readonly kind: 'command';
  readonly short: string;
  readonly load: () => Promise<Command>;
  readonly hidden?: boolean;
  /** Another name for the command of this name, not listed. */
  readonly aliasOf?: string;
}

export interface Group {
  readonly kind: 'group';
  readonly short: string;
  readonly entries: Readonly<Record<string, Entry | Group>>;
  /** What the group's name alone does, with words after it that name none of the entries. */
  readonly own?: Entry;
  readonly hidden?: boolean;
  readonly aliasOf?: string;
}

export function entry(short: string, load: () => Promise<Command>): Entry {
  return { kind: 'command', short, load };
}

export function group(short: string, entries: Group['entries']): Group {
  return { kind: 'group', short, entries };
}

export function alias(of: string, target: Entry): Entry {
  return { ...target, aliasOf: of };
}

export function server(short: string, path: ServerPath): Entry {
  return entry(short, async () => {
    const { serverCommands } = await import('./commands/server/commands.ts');
    return serverCommands[path];
  });
}
