/** Help in docker's layout: usage, description, aliases, options aligned and wrapped, commands grouped. */
import type { Flag, FlagTable } from './flags.ts';

const narrowest = 24;
/** A line may run over by this much rather than leave a short last word alone. */
const slop = 5;

/** The lines of `Options:`; wrapped to `columns` as pflag wraps. */
export function formatFlags(table: FlagTable, columns: number): string {
  const rows = Object.entries(withHelp(table))
    .filter(([, flag]) => flag.hidden !== true)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => ({ head: formatName(name, flag), usage: formatUsage(flag) }));
  const indent = Math.max(...rows.map((row) => row.head.length)) + 3;
  return rows.map((row) => row.head.padEnd(indent) + wrap(row.usage, indent, columns - 1) + '\n').join('');
}

/** docker lists --help only where a command has taken -h for something else. */
function withHelp(table: FlagTable): FlagTable {
  if (!Object.values(table).some((flag) => flag.short === 'h')) return table;
  const help = { usage: 'Print usage', valueName: '', initial: false, isSwitch: true, take: () => true };
  return { ...table, help };
}

function formatName(name: string, flag: Flag<unknown>): string {
  const letter = flag.short === undefined ? '    ' : `-${flag.short}, `;
  return `  ${letter}--${name}${flag.valueName === '' ? '' : ` ${flag.valueName}`}`;
}

function formatUsage(flag: Flag<unknown>): string {
  return flag.usage + (flag.shownDefault === undefined ? '' : ` (default ${flag.shownDefault})`);
}

function wrap(text: string, indent: number, columns: number): string {
  const width = columns - indent;
  if (width < narrowest) return wrapBelow(text, columns);
  return wrapAt(text, indent, width);
}

/** Too narrow for a column beside the names: the text starts on its own line. */
function wrapBelow(text: string, columns: number): string {
  const indent = 16;
  const gap = '\n' + ' '.repeat(indent);
  if (columns - indent < narrowest) return text.replaceAll('\n', gap);
  return gap + wrapAt(text, indent, columns - indent);
}

function wrapAt(text: string, indent: number, width: number): string {
  const gap = '\n' + ' '.repeat(indent);
  const lines: string[] = [];
  for (let rest = text; rest !== '';) {
    const [line, after] = breakLine(rest, width - slop);
    lines.push(line.replaceAll('\n', gap));
    rest = after;
  }
  return lines.join(gap);
}

function breakLine(text: string, width: number): [line: string, rest: string] {
  if (width + slop > text.length) return [text, ''];
  const head = text.slice(0, width);
  const blank = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'));
  if (blank <= 0) return [text, ''];
  const newline = head.lastIndexOf('\n');
  const at = newline > 0 && newline < blank ? newline : blank;
  return [text.slice(0, at), text.slice(at + 1)];
}

/** A block of `  name   what it does` lines, names padded to `width`. */
export function formatCommands(
  title: string,
  commands: readonly { readonly name: string; readonly short: string }[],
  width: number,
): string {
  const lines = commands.map(({ name, short }) => `  ${name.padEnd(width)} ${short}\n`);
  return lines.length === 0 ? '' : `\n${title}:\n${lines.join('')}`;
}
