/** Where this machine gets its packages from: the mirror that a root file system can be made from. sources.list(5). */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';

export interface AptSource {
  /** The distribution's own name: `debian`, `ubuntu`. */
  readonly distribution: string;
  /** `bookworm`. */
  readonly suite: string;
  readonly mirror: string;
}

interface Entry {
  readonly mirror: string;
  readonly suites: readonly string[];
}

/** The mirror configured for the machine's own release; undefined on a machine that has none. @param etc for tests */
export async function readAptSource(etc = '/etc'): Promise<AptSource | undefined> {
  const release = await readText(join(etc, 'os-release'));
  const distribution = field(release, 'ID');
  const suite = field(release, 'VERSION_CODENAME');
  if (!distribution || !suite) return undefined;
  const entries = await readEntries(join(etc, 'apt'));
  const found = entries.find(
    ({ suites, mirror }) => suites.includes(suite) && /^(https?|file):/.test(mirror),
  );
  return found && { distribution, suite, mirror: found.mirror };
}

async function readEntries(apt: string): Promise<Entry[]> {
  const directory = join(apt, 'sources.list.d');
  const names: string[] = await readdir(directory).catch(() => []);
  const entries = parseLines(await readText(join(apt, 'sources.list')));
  for (const name of names.toSorted()) {
    const text = await readText(join(directory, name));
    if (name.endsWith('.list')) entries.push(...parseLines(text));
    else if (name.endsWith('.sources')) entries.push(...parseStanzas(text));
  }
  return entries;
}

/** `deb [options] mirror suite component…`, one a line. */
function parseLines(text: string): Entry[] {
  const lines = text
    .split('\n')
    .map((line) => /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+\S/.exec(line.trim()));
  return lines.flatMap((match) => (match ? [{ mirror: match[1] ?? '', suites: [match[2] ?? ''] }] : []));
}

/** deb822: stanzas of `Field: value`, an empty line between them. */
function parseStanzas(text: string): Entry[] {
  const bare = text.replaceAll(/^#.*\n/gm, '');
  return bare.split(/\n\s*\n/).flatMap((stanza) => {
    const value = (name: string): string[] =>
      new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, 'mi').exec(stanza)?.[1]?.split(/\s+/).filter(Boolean) ?? [];
    const [mirror] = value('URIs');
    const isOff = value('Enabled')[0]?.toLowerCase() === 'no';
    return mirror && !isOff && value('Types').includes('deb') ? [{ mirror, suites: value('Suites') }] : [];
  });
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1];
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
}
