/** `cais hub quota …`: how much namespaces may hold, from the shell of the hub's machine. */
import type { ServerCommand } from '../cli/context.ts';
import { formatSize } from '../cli/human.ts';
import { alignTabs } from '../cli/table.ts';
import type { Quota } from '../hub/quotas/within-quota.ts';
import { parseSize } from '../lib/quantities.ts';
import { openQuietly } from './hub-parts.ts';

const pageSize = 500;

export const listQuotas: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const quotas: Quota[] = [];
  for (let count = 1; quotas.length < count;) {
    const page = await parts.quotas.list({ limit: pageSize, offset: quotas.length });
    quotas.push(...page.quotas);
    count = page.quotas.length === 0 ? 0 : page.count;
  }
  const rows = quotas.map(
    ({ namespace, used_bytes: used, max_bytes: max }) =>
      `${namespace}\t${formatSize(used)}\t${formatSize(max)}\t${Math.floor((100 * used) / max)}%\n`,
  );
  await output.write(alignTabs(`NAMESPACE\tUSED\tQUOTA\tUSE%\n${rows.join('')}`));
  const otherwise = await parts.quotas.defaultBytes();
  if (otherwise !== undefined) await output.write(`New accounts get ${formatSize(otherwise)}\n`);
  return 0;
};

export const setQuota: ServerCommand = async (flags) => {
  const [namespace = '', size = ''] = flags.args;
  const bytes = readSize(size);
  await using parts = await openQuietly(flags);
  const told = { kind: 'quota-changed', namespace, bytes: bytes ?? null } as const;
  await parts.changes.make(() => parts.quotas.set(namespace, bytes), told);
  return 0;
};

export const setDefaultQuota: ServerCommand = async (flags) => {
  const bytes = readSize(flags.args[0] ?? '');
  await using parts = await openQuietly(flags);
  const told = { kind: 'quota-changed', namespace: '', bytes: bytes ?? null } as const;
  await parts.changes.make(() => parts.quotas.setDefault(bytes), told);
  return 0;
};

/** @throws InvalidError */
function readSize(text: string): number | undefined {
  return text === 'none' ? undefined : parseSize(text);
}
