/** COPY and ADD: flags, sources (heredocs among them) and destination. Pure. */
import { InvalidError } from '../lib/errors.ts';
import { readFlags } from './flags.ts';
import { heredocOf, withoutTabs } from './heredoc.ts';
import type { Add, Copy, Heredoc } from './instruction.ts';
import type { Rest, Without } from './read-command.ts';
import { blankWords, jsonWords } from './words.ts';

const common = { chown: 'string', chmod: 'string', link: 'boolean', exclude: 'strings' } as const;

/** @throws InvalidError */
export function readCopy(rest: Rest): Without<Copy> {
  const files = readSources('COPY', rest);
  const flags = readFlags(rest.flags, { ...common, from: 'string', parents: 'boolean' });
  return {
    kind: 'COPY',
    ...files,
    ...shared(flags),
    ...(flags.from && { from: flags.from }),
    parents: flags.parents ?? false,
  };
}

/** @throws InvalidError */
export function readAdd(rest: Rest): Without<Add> {
  const files = readSources('ADD', rest);
  const flags = readFlags(rest.flags, {
    ...common,
    checksum: 'string',
    'keep-git-dir': 'boolean',
    unpack: 'boolean',
  });
  return {
    kind: 'ADD',
    ...files,
    ...shared(flags),
    ...(flags.checksum && { checksum: flags.checksum }),
    keepGitDir: flags['keep-git-dir'] ?? false,
    ...(flags.unpack !== undefined && { unpack: flags.unpack }),
  };
}

interface Shared {
  readonly chown?: string;
  readonly chmod?: string;
  readonly link?: boolean;
  readonly exclude?: readonly string[];
}

function shared({
  chown,
  chmod,
  link = false,
  exclude = [],
}: Shared): Pick<Copy, 'chown' | 'chmod' | 'link' | 'excludes'> {
  return { ...(chown && { chown }), ...(chmod && { chmod }), link, excludes: exclude };
}

function readSources(
  kind: string,
  { rest, written }: Rest,
): Pick<Copy, 'sources' | 'inline' | 'destination'> {
  const json = jsonWords(rest);
  const words = json ?? blankWords(rest);
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2) {
    throw new InvalidError(
      `${kind} requires at least two arguments, but only one was provided. Destination could not be determined`,
    );
  }
  if (json) return { sources: words.slice(0, -1), inline: [], destination };
  if (heredocOf(destination)) throw new InvalidError(`${kind} cannot accept a heredoc as a destination`);
  const sources: string[] = [];
  const inline: Heredoc[] = [];
  const heredocs = [...written.heredocs];
  for (const word of words.slice(0, -1)) {
    const name = heredocOf(word)?.name;
    const at = heredocs.findIndex((heredoc) => heredoc.name === name);
    const [heredoc] = at === -1 ? [] : heredocs.splice(at, 1);
    if (heredoc) inline.push(heredoc.tabs ? { ...heredoc, content: withoutTabs(heredoc.content) } : heredoc);
    else sources.push(word);
  }
  return { sources, inline, destination };
}
