/**
 * Writes docs/compatibility.md: what of the Docker Engine API and of the docker CLI is done, partly done, not done.
 *   bun scripts/compatibility.ts
 * Made from the engine's routes, the CLI's command tree, the two lists in scripts/data, and the remarks beside them.
 */
import type { Route } from '../src/engine/api/route.ts';
import { unserved } from '../src/engine/api/unserved.ts';
import { routesOf } from '../src/engine/engine.ts';
import type { Entry, Group } from '../src/cli/command-entries.ts';
import { root } from '../src/cli/command-tree.ts';
import api from './data/api-operations.json';
import remarks from './data/compatibility-remarks.json';
import docker from './data/docker-cli.json';

type Status = 'done' | 'partly' | 'not';

interface Row {
  readonly name: string;
  readonly status: Status;
  readonly remark: string;
}

export async function compatibilityPage(): Promise<string> {
  const operations = api.operations.map(({ operation }) => operationRow(operation));
  const commands = await Promise.all(docker.commands.map(commandRow));
  return [
    '# Compatibility with Docker',
    'Made by `bun scripts/compatibility.ts` from the routes, the command tree and `scripts/data`; a test fails when it is stale.',
    `## The Engine API`,
    `From ${api.origin}: ${countsOf(operations)}.`,
    table(['operation', 'status', 'remark'], operations),
    '## The command line',
    `From ${docker.origin}: ${countsOf(commands)}. A command is done when every flag of docker's is there.`,
    table(['command', 'status', 'flags and remarks'], commands),
    '',
  ].join('\n\n');
}

function countsOf(rows: readonly Row[]): string {
  const count = (status: Status): number => rows.filter((row) => row.status === status).length;
  return `${count('done')} done, ${count('partly')} partly, ${count('not')} not, of ${rows.length}`;
}

function table(head: readonly string[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map(({ name, status, remark }) => line([`\`${name}\``, status, remark.replaceAll('|', '\\|')])),
  ].join('\n');
}

const refused = new Map<string, string>(
  unserved.flatMap(({ operations, reason }) => operations.map((operation) => [operation, reason] as const)),
);

/** The table of routes needs no engine: handlers alone look at what they are given. */
const nothing: unknown = new Proxy(() => nothing, { get: () => nothing });
const routes = routesOf(nothing as never, nothing as never, nothing as never).map((route: Route) =>
  normal(`${route.method} ${route.path}`),
);

/** How many routes an operation has: the first one answers, and what refuses comes last. */
function routesFor(operation: string): number {
  return routes.filter((route) => route === normal(operation)).length;
}

/** Operations that are refused and served: the refusal is never heard, and should go. */
export function refusedInVain(): string[] {
  return [...refused.keys()].filter((operation) => routesFor(operation) > 1);
}

/** Names of parameters differ between the document and the routes. */
function normal(operation: string): string {
  return operation.replaceAll(/\{\w+\}/g, '{}');
}

function operationRow(operation: string): Row {
  const reason = refused.get(operation);
  if (reason !== undefined && routesFor(operation) === 1)
    return { name: operation, status: 'not', remark: reason };
  if (routesFor(operation) === 0) return { name: operation, status: 'not', remark: 'unknown here: 404' };
  const remark = (remarks.operations as Record<string, string>)[operation];
  return { name: operation, status: remark === undefined ? 'done' : 'partly', remark: remark ?? '' };
}

async function commandRow({ path, flags }: (typeof docker.commands)[number]): Promise<Row> {
  const entry = find(path);
  if (!entry) return { name: path, status: 'not', remark: reasonFor(path) };
  const own = new Set(Object.keys((await entry.load()).flags).map((name) => `--${name}`));
  // Every command has it, in no table.
  own.add('--help');
  const missing = flags.filter((flag) => !own.has(flag));
  const present = flags.filter((flag) => own.has(flag));
  const remark = (remarks.commands as Record<string, string>)[path];
  return {
    name: path,
    status: missing.length > 0 || remark !== undefined ? 'partly' : 'done',
    remark: [
      present.length > 0 ? `done: ${code(present)}` : '',
      missing.length > 0
        ? `not: ${missing.map((flag) => `\`${flag}\`${flagReason(path, flag)}`).join(', ')}`
        : '',
      remark ?? '',
    ]
      .filter((part) => part !== '')
      .join('; '),
  };
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' ');
}

function find(path: string): Entry | undefined {
  let at: Entry | Group | undefined = root;
  for (const word of path.split(' ')) {
    if (at?.kind !== 'group') return undefined;
    at = Object.hasOwn(at.entries, word) ? at.entries[word] : undefined;
  }
  return at?.kind === 'command' ? at : undefined;
}

/** The longest beginning of the path that the remarks know. */
function reasonFor(path: string): string {
  const words = path.split(' ');
  const known: Record<string, string> = remarks.missingCommands;
  for (let count = words.length; count > 0; count--) {
    const reason = known[words.slice(0, count).join(' ')];
    if (reason !== undefined) return reason;
  }
  return 'not built yet';
}

function flagReason(path: string, flag: string): string {
  const known: Record<string, string> = remarks.missingFlags;
  const reason = known[`${path} ${flag}`] ?? known[flag];
  return reason === undefined ? '' : ` (${reason})`;
}

if (import.meta.main) {
  await Bun.write(new URL('../docs/compatibility.md', import.meta.url), await compatibilityPage());
}
