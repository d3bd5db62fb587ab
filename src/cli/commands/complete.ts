/** `cais __complete`: the words that may come next, one a line. The shells' scripts call it; people don't. */
import type { ContainerSummary, ImageSummary } from '../../engine-api/types.ts';
import { CaisError } from '../../lib/errors.ts';
import { atLeast, type Command, defineCommand } from '../command.ts';
import type { Entry, Group } from '../command-entries.ts';
import { root } from '../command-tree.ts';
import type { CliContext } from '../context.ts';
import { globalFlags } from '../global-flags.ts';
import type { FlagTable } from '../flags.ts';

/** A name with its explanation, which fish and zsh show. */
interface Candidate {
  readonly word: string;
  readonly about?: string;
}

export const complete = defineCommand({
  usage: '[WORD...]',
  flags: {},
  count: atLeast(0),
  interspersed: false,
  run: async ({ context, args }) => {
    const candidates = await findCandidates(context, args.slice(0, -1), args.at(-1) ?? '');
    const lines = candidates.map(({ word, about }) => (about === undefined ? word : `${word}\t${about}`));
    await context.out.write(lines.map((line) => `${line}\n`).join(''));
  },
});

async function findCandidates(
  context: CliContext,
  before: readonly string[],
  word: string,
): Promise<readonly Candidate[]> {
  const { entry, rest } = walk(skipFlags(globalFlags, before));
  const starts = ({ word: candidate }: Candidate) => candidate.startsWith(word);
  if (entry.kind === 'group') {
    const flags = entry === root && word.startsWith('-') ? flagNames(globalFlags) : [];
    return [...flags, ...subcommands(entry)].filter(starts);
  }
  const command = await entry.load();
  if (takesValue(command.flags, rest.at(-1))) return [];
  const args = skipFlags(command.flags, rest);
  const stopsAtFirst = !command.interspersed && args.length > 0;
  if (word.startsWith('-') && !stopsAtFirst) return flagNames(command.flags).filter(starts);
  if (args.length >= command.count.most || stopsAtFirst) return [];
  return (await names(context, command)).filter(starts);
}

function walk(words: readonly string[]): { entry: Entry | Group; rest: readonly string[] } {
  let entry: Entry | Group = root;
  for (const [at, word] of words.entries()) {
    if (entry.kind === 'command') return { entry, rest: words.slice(at) };
    const next: Entry | Group | undefined = Object.hasOwn(entry.entries, word)
      ? entry.entries[word]
      : undefined;
    if (!next) break;
    entry = next;
  }
  return { entry, rest: [] };
}

function subcommands(group: Group): readonly Candidate[] {
  return Object.entries(group.entries)
    .filter(([, entry]) => entry.hidden !== true && entry.aliasOf === undefined)
    .map(([word, { short }]) => ({ word, about: short }))
    .toSorted((a, b) => (a.word < b.word ? -1 : 1));
}

function flagNames(table: FlagTable): readonly Candidate[] {
  const shown = Object.entries(table).filter(([, flag]) => flag.hidden !== true);
  return [
    ...shown.map(([name, { usage }]) => ({ word: `--${name}`, about: usage.split('\n')[0] ?? '' })),
    { word: '--help' },
  ];
}

/** The words that are neither flags nor flags' values. */
function skipFlags(table: FlagTable, words: readonly string[]): readonly string[] {
  return words.filter((word, at) => !word.startsWith('-') && !takesValue(table, words[at - 1]));
}

/** True where the word is a flag that waits for its value. */
function takesValue(table: FlagTable, word: string | undefined): boolean {
  if (word === undefined || !word.startsWith('-') || word.includes('=')) return false;
  const flag = word.startsWith('--')
    ? table[word.slice(2)]
    : Object.values(table).find(({ short }) => short === word.at(-1));
  return flag?.isSwitch === false;
}

async function names(context: CliContext, { completes }: Command): Promise<readonly Candidate[]> {
  try {
    if (completes === 'image') return await imageNames(context);
    if (completes === undefined || completes === 'none') return [];
    return await containerNames(context, completes);
  } catch (error) {
    // Without an engine there is nothing to suggest, and no place for a complaint.
    if (error instanceof CaisError) return [];
    throw error;
  }
}

async function imageNames({ engine }: CliContext): Promise<readonly Candidate[]> {
  const images = await engine.get<ImageSummary[]>('/images/json');
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => !tag.includes('<none>'));
  return tags.toSorted().map((word) => ({ word }));
}

async function containerNames(
  { engine }: CliContext,
  which: 'container' | 'running' | 'stopped',
): Promise<readonly Candidate[]> {
  const containers = await engine.get<ContainerSummary[]>('/containers/json', { all: which !== 'running' });
  return containers
    .filter(({ State }) => which !== 'stopped' || State !== 'running')
    .map(({ Names, Image = '' }) => ({ word: (Names?.[0] ?? '').replace(/^\//, ''), about: Image }))
    .toSorted((a, b) => (a.word < b.word ? -1 : 1));
}
