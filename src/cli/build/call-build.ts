/** `cais build --call`: what a Dockerfile tells without being built, and without an engine. The words are buildx's. */
import { parseIgnore } from '../../dockerfile/ignore.ts';
import { outlineOf, targetsOf } from '../../dockerfile/outline.ts';
import { parseDockerfile } from '../../dockerfile/parse.ts';
import { InvalidError, UnsupportedError } from '../../lib/errors.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../printable.ts';
import { alignTabs } from '../table.ts';
import type { BuildFlags } from './build-flags.ts';
import { buildArguments } from './build-query.ts';
import { checkText } from './check-build.ts';
import type { BuildSource } from './source.ts';

/** @returns the exit code. */
export async function callBuild(
  { out, config }: CliContext,
  flags: BuildFlags,
  source: BuildSource,
): Promise<number> {
  const method = flags.check ? 'check' : flags.call;
  const given = buildArguments(flags['build-arg'], config.variables);
  if (!('dockerfile' in source))
    throw new UnsupportedError(`--call=${method} needs the Dockerfile on this machine`);
  const { text, ignore } = source.dockerfile;
  if (method === 'targets' || method === 'outline') {
    await out.write(
      method === 'targets' ? targetTable(text) : outlineTables(text, flags.target ?? '', given),
    );
    return 0;
  }
  if (method !== 'check')
    throw new InvalidError(`--call=${method} is not supported: build, check, outline and targets are`);
  const { report, code } = checkText(text, source.shownName, {
    buildArguments: given,
    target: flags.target || undefined,
    ...(ignore !== '' && { ignore: parseIgnore(ignore) }),
  });
  await out.write(report);
  return code;
}

export function targetTable(text: string): string {
  const rows = targetsOf(parseDockerfile(text)).map(({ name, description, isDefault }) => [
    isDefault ? `${name} (default)` : name,
    description,
  ]);
  return table([['TARGET', 'DESCRIPTION'], ...rows], 1);
}

/** @param given values of `--build-arg` by name. */
export function outlineTables(
  text: string,
  wanted: string,
  given: Readonly<Record<string, string | null>>,
): string {
  const { target, arguments: known, secrets, ssh } = outlineOf(parseDockerfile(text), wanted);
  const about = [
    ['TARGET:', target.name],
    ...(target.description ? [['DESCRIPTION:', target.description]] : []),
  ];
  const named = known.map(({ name, value, description }) => [name, given[name] ?? value ?? '', description]);
  const parts = [table(about, 1)];
  if (named.length > 0) parts.push(table([['BUILD ARG', 'VALUE', 'DESCRIPTION'], ...named]));
  for (const [title, mounts] of [
    ['SECRET', secrets],
    ['SSH', ssh],
  ] as const) {
    const rows = mounts.map(({ id, required }) => [id, required ? 'true' : '']);
    if (rows.length > 0) parts.push(table([[title, 'REQUIRED'], ...rows]));
  }
  return parts.join('\n');
}

function table(rows: readonly (readonly string[])[], gap = 3): string {
  const text = alignTabs(rows.map((cells) => cells.map(printable).join('\t')).join('\n'), 0, gap);
  return `${text.replaceAll(/ +$/gm, '')}\n`;
}
