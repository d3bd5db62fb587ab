/** `cais hub quota …`: what namespaces are limited to, from the shell of the hub's machine. */
import type { ServerCommand, ServerFlags } from '../cli/context.ts';
import { formatSize } from '../cli/human.ts';
import { alignTabs } from '../cli/table.ts';
import type { LimitChanges, NamespaceLimits } from '../hub/quotas/limits.ts';
import { InvalidError } from '../lib/errors.ts';
import { parseSize } from '../lib/quantities.ts';
import { openQuietly } from './hub-parts.ts';
import { text } from './server-flags.ts';

const pageSize = 500;

export const listQuotas: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const quotas: NamespaceLimits[] = [];
  for (let count = 1; quotas.length < count;) {
    const page = await parts.quotas.list({ limit: pageSize, offset: quotas.length });
    quotas.push(...page.quotas);
    count = page.quotas.length === 0 ? 0 : page.count;
  }
  const rows = quotas.map(({ namespace, ...quota }) => {
    const { used_bytes: used, max_bytes: max } = quota;
    const bytes =
      max === null
        ? '-\t-\t-'
        : `${formatSize(used)}\t${formatSize(max)}\t${Math.floor((100 * used) / max)}%`;
    const all = shareOf(quota.all_count, quota.max_all);
    return `${namespace}\t${bytes}\t${all}\t${shareOf(quota.private_count, quota.max_private)}\n`;
  });
  await output.write(alignTabs(`NAMESPACE\tUSED\tQUOTA\tUSE%\tREPOSITORIES\tPRIVATE\n${rows.join('')}`));
  const otherwise = await parts.quotas.default();
  const gets = [
    ...(otherwise.bytes === null ? [] : [formatSize(otherwise.bytes)]),
    ...(otherwise.repositories === null ? [] : [`${otherwise.repositories} repositories`]),
    ...(otherwise.private_repositories === null ? [] : [`${otherwise.private_repositories} private ones`]),
  ];
  if (gets.length > 0) await output.write(`New accounts get ${gets.join(', ')}\n`);
  return 0;
};

export const setQuota: ServerCommand = async (flags) => {
  const [namespace = '', size] = flags.args;
  const limits = readLimits(size, flags);
  await using parts = await openQuietly(flags);
  const told = { kind: 'quota-changed', namespace, limits } as const;
  await parts.changes.make(() => parts.quotas.set(namespace, limits), told);
  return 0;
};

export const setDefaultQuota: ServerCommand = async (flags) => {
  const limits = readLimits(flags.args[0], flags);
  await using parts = await openQuietly(flags);
  const told = { kind: 'quota-changed', namespace: '', limits } as const;
  await parts.changes.make(() => parts.quotas.setDefault(limits), told);
  return 0;
};

/** @throws InvalidError */
function readLimits(size: string | undefined, flags: ServerFlags): LimitChanges {
  const limits = {
    bytes: readLimit(size, parseSize),
    repositories: readLimit(text(flags, 'repositories'), parseCount),
    private_repositories: readLimit(text(flags, 'private-repositories'), parseCount),
  };
  if (Object.values(limits).some((limit) => limit !== undefined)) return limits;
  throw new InvalidError(
    'limited to what? Give a size, --repositories or --private-repositories, or none for no limit',
  );
}

function readLimit(given: string | undefined, parse: (given: string) => number): number | null | undefined {
  if (given === undefined) return undefined;
  return given === 'none' ? null : parse(given);
}

function parseCount(given: string): number {
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new InvalidError(`invalid number of repositories: '${given}', 10 or none is expected`);
}

function shareOf(count: number, max: number | null): string {
  return max === null ? '-' : `${count}/${max}`;
}
