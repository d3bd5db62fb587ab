/** The shell command that does with apt what was done by hand. Versions are named; what they need, apt finds. */
import type { PackageDifference } from './difference.ts';
import { parseStanzas } from './stanzas.ts';
import type { Package } from './package.ts';

export interface AptState {
  /** `var/lib/dpkg/status`, before and after. */
  readonly before: string;
  readonly after: string;
  /** `name:architecture` of what came by itself. */
  readonly automatic: ReadonlySet<string>;
  /** Of the machine: `amd64`. */
  readonly architecture: string;
}

export interface AptCommand {
  /** Joined by `&&`. */
  readonly steps: readonly string[];
  /** What came because others need it, in words. */
  readonly brought: readonly Package[];
}

export function aptCommand(difference: PackageDifference, state: AptState): AptCommand {
  const { added, changed, removed } = difference;
  const isAsked = (each: Package): boolean => !isAutomatic(each, state.automatic);
  const asked = [...added.filter(isAsked), ...changed];
  const brought = added.filter((each) => !isAsked(each));
  // All of them, where nothing was asked for: then they came with what is gone again.
  const named = asked.length > 0 || brought.length === 0 ? asked : brought;
  const flags = ['-y', ...(changed.length > 0 ? ['--allow-downgrades'] : [])];
  if (areNeeded(brought, named, state.after)) flags.push('--no-install-recommends');
  const steps: string[] = [];
  if (named.length > 0) {
    const words = named.map((each) => `${nameOf(each, state.architecture)}=${each.version}`);
    steps.push(
      'apt-get update',
      `DEBIAN_FRONTEND=noninteractive apt-get install ${flags.join(' ')} ${list(words)}`,
    );
  }
  const kept = configurationsLeft(state.after);
  const [dropped, purged] = [
    removed.filter(({ name }) => kept.has(name)),
    removed.filter(({ name }) => !kept.has(name)),
  ];
  for (const [verb, packages] of [
    ['remove', dropped],
    ['purge', purged],
  ] as const) {
    if (packages.length === 0) continue;
    const words = packages.map((each) => nameOf(each, state.architecture));
    steps.push(`DEBIAN_FRONTEND=noninteractive apt-get ${verb} -y --allow-remove-essential ${list(words)}`);
  }
  return { steps, brought: named === brought ? [] : brought };
}

/** One to a line, as people like to have them. */
function list(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? '') : words.map((word) => `\\\n        ${word}`).join(' ');
}

function nameOf({ name, architecture }: Package, own: string): string {
  return architecture === undefined || architecture === 'all' || architecture === own
    ? name
    : `${name}:${architecture}`;
}

/** Of a package for all architectures apt notes the machine's own. */
function isAutomatic({ name, architecture }: Package, automatic: ReadonlySet<string>): boolean {
  if (automatic.has(`${name}:${architecture ?? ''}`)) return true;
  return architecture === 'all' && automatic.values().some((key) => key.startsWith(`${name}:`));
}

function configurationsLeft(status: string): Set<string> {
  return new Set(
    parseStanzas(status).flatMap((stanza) =>
      stanza.get('status')?.endsWith(' config-files') === true ? [stanza.get('package') ?? ''] : [],
    ),
  );
}

/** Whether the first are there because the others cannot do without: none of them was only recommended. */
function areNeeded(brought: readonly Package[], named: readonly Package[], status: string): boolean {
  const [needs, providers] = dependencies(status);
  const reached = new Set<string>();
  const waiting = named.map(({ name }) => name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    waiting.push(...(needs.get(name) ?? []), ...(providers.get(name) ?? []));
  }
  return brought.every(({ name }) => reached.has(name));
}

/** By package: the names that it depends on, alternatives too; by virtual package: who provides it. */
function dependencies(status: string): [needs: Map<string, string[]>, providers: Map<string, string[]>] {
  const [needs, providers] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const stanza of parseStanzas(status)) {
    const name = stanza.get('package') ?? '';
    needs.set(name, [...namesOf(stanza.get('depends')), ...namesOf(stanza.get('pre-depends'))]);
    for (const provided of namesOf(stanza.get('provides')))
      providers.set(provided, [...(providers.get(provided) ?? []), name]);
  }
  return [needs, providers];
}

/** `a (>= 1) | b, c:any` */
function namesOf(relation: string | undefined): string[] {
  return (relation ?? '').split(/[,|]/).flatMap((part) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(part)?.[1] ?? []);
}
