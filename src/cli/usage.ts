/** The help of a command and of a group, and the complaint with its usage line: docker's layouts, docker's blank lines. */
import { type Command, countComplaint } from './command.ts';
import { ExitError } from './exit-code.ts';
import { formatCommands, formatFlags } from './help.ts';
import type { Group } from './command-entries.ts';
import { globalFlags } from './global-flags.ts';

const program = 'cais';

/** `cais run --help`. @param path `container run`, without the program. */
export function commandHelp(path: string, short: string, command: Command, columns: number): string {
  const aliases = command.aliases?.map((alias) => `${program} ${alias}`).join(', ');
  const flags = Object.values(command.flags).some((flag) => flag.hidden !== true);
  return [
    `Usage:  ${usageLine(path, command)}\n`,
    `\n${command.long ?? short}\n`,
    aliases === undefined ? '' : `\nAliases:\n  ${aliases}\n`,
    flags ? `\nOptions:\n${formatFlags(command.flags, columns)}` : '',
  ].join('');
}

function usageLine(path: string, command: Command): string {
  return `${program} ${path}${command.usage === '' ? '' : ` ${command.usage}`}`;
}

/** `cais container --help`. */
export function groupHelp(path: string, group: Group): string {
  const names = listed(group.entries);
  const width = Math.max(11, ...names.map(({ name }) => name.length));
  return [
    `Usage:  ${program} ${path} COMMAND\n`,
    `\n${group.short}\n`,
    formatCommands('Commands', names, width),
    `\nRun '${program} ${path} COMMAND --help' for more information on a command.\n`,
  ].join('');
}

function listed(entries: Group['entries']): readonly { name: string; short: string }[] {
  return Object.entries(entries)
    .filter(([, entry]) => entry.hidden !== true && entry.aliasOf === undefined)
    .map(([name, { short }]) => ({ name, short }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const common = [
  'run',
  'exec',
  'ps',
  'build',
  'pull',
  'push',
  'images',
  'login',
  'logout',
  'search',
  'version',
  'info',
  'up',
];

/** `cais --help`. */
export function rootHelp(root: Group, columns: number): string {
  const isGroup = (name: string) => root.entries[name]?.kind === 'group';
  const all = listed(root.entries);
  const first = common.flatMap((name) => all.filter((entry) => entry.name === name));
  const width = Math.max(11, ...all.map(({ name }) => name.length));
  return [
    `Usage:  ${program} [OPTIONS] COMMAND\n`,
    `\n${root.short}\n`,
    formatCommands('Common Commands', first, width),
    formatCommands(
      'Management Commands',
      all.filter(({ name }) => isGroup(name)),
      width,
    ),
    formatCommands(
      'Commands',
      all.filter(({ name }) => !isGroup(name) && !common.includes(name)),
      width,
    ),
    `\nGlobal Options:\n${formatFlags(globalFlags, columns)}`,
    `\nRun '${program} COMMAND --help' for more information on a command.\n`,
  ].join('');
}

/** What flags went wrong: pflag's sentence, the usage line, where to read on. */
export function flagError(message: string, path: string, command: Command | undefined): ExitError {
  const target = path === '' ? program : `${program} ${path}`;
  const ofGroup = path === '' ? `${program} [OPTIONS] COMMAND [ARG...]` : target;
  const line = command ? usageLine(path, command) : ofGroup;
  return new ExitError(125, `${message}\n\nUsage:  ${line}\n\nRun '${target} --help' for more information`);
}

/** @throws ExitError where there are too few or too many arguments. */
export function checkCount(path: string, command: Command, args: readonly string[]): void {
  const complaint = countComplaint(command.count, args.length);
  if (complaint === undefined) return;
  const verb = command.count.most === Number.POSITIVE_INFINITY ? 'See' : 'Run';
  throw new ExitError(
    1,
    `${program}: '${program} ${path}' ${complaint}\n\nUsage:  ${usageLine(path, command)}\n\n` +
      `${verb} '${program} ${path} --help' for more information`,
  );
}

/** The words after `path` name no command. */
export function unknownCommand(path: string, word: string): ExitError {
  const called = [program, path, word].filter(Boolean).join(' ');
  const group = [program, path].filter(Boolean).join(' ');
  const usage = path === '' ? '' : `Usage:  ${group}\n\n`;
  return new ExitError(
    1,
    `${program}: unknown command: ${called}\n\n${usage}Run '${group} --help' for more information`,
  );
}
