/** `cais hub replication …`: what is copied to other registries, from the shell of the hub's machine; a hub that serves does it. */
import type { Input, ServerCommand } from '../cli/context.ts';
import { readAll } from '../cli/prompt.ts';
import { alignTabs } from '../cli/table.ts';
import { createReplicationSchema } from '../hub-api/schemas/replication.ts';
import { settingsOf } from '../hub/api/present-replication.ts';
import type { HubEvent } from '../hub/events.ts';
import type { HubParts } from '../hub/parts.ts';
import type { ReplicationRule } from '../hub/replication/rule.ts';
import { NotFoundError } from '../lib/errors.ts';
import { openQuietly } from './hub-parts.ts';
import { readAs } from './hub-input.ts';
import { text } from './server-flags.ts';

export const listReplications: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const rows: string[] = [];
  for (const rule of await parts.replications.list()) {
    const { waiting, failed, done } = await parts.replications.status(rule.id);
    const what = `${rule.repositories}:${rule.tags}\t${rule.registry}/${rule.prefix}`;
    rows.push(
      `${rule.name}\t${what}\t${rule.is_enabled === 1 ? 'yes' : 'no'}\t${waiting}\t${failed}\t${done}\n`,
    );
  }
  await output.write(alignTabs(`NAME\tIMAGES\tTO\tENABLED\tWAITING\tFAILED\tDONE\n${rows.join('')}`));
  return 0;
};

export const addReplication: ServerCommand = async (flags, input, output) => {
  const [name, repositories, registry] = flags.args;
  const given = readAs(createReplicationSchema, 'rule', {
    name,
    repositories,
    registry,
    tags: text(flags, 'tags'),
    prefix: text(flags, 'prefix'),
    username: text(flags, 'username'),
    password: flags['password-stdin'] === true ? await readPassword(input) : undefined,
    password_file: text(flags, 'password-file'),
    interval_hours: Number(text(flags, 'interval-hours') ?? 0),
    on_push: flags['no-push'] !== true,
    deletions: flags['deletions'] === true,
    is_insecure: flags['insecure'] === true,
  });
  await using parts = await openQuietly(flags);
  const settings = await settingsOf(parts, given);
  const rule = await parts.changes.make(() => parts.replications.create(settings), changeOf);
  await output.write(`${rule.name}\n`);
  return 0;
};

export const removeReplication: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const rule = await findRule(parts, flags.args[0] ?? '');
  await parts.changes.make(
    () => parts.replications.remove(rule.id),
    () => changeOf(rule),
  );
  await output.write(`${rule.name}\n`);
  return 0;
};

export const runReplication: ServerCommand = async (flags) => {
  await using parts = await openQuietly(flags);
  const rule = await findRule(parts, flags.args[0] ?? '');
  await parts.changes.make(
    () => parts.replications.ask(rule.id),
    () => changeOf(rule),
  );
  return 0;
};

const maxShown = 1000;

export const showReplication: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const rule = await findRule(parts, flags.args[0] ?? '');
  const listing = { state: 'open', limit: maxShown, offset: 0 } as const;
  const { count, items } = await parts.replications.items(rule.id, listing);
  const rows = items.map(({ repository, tag, bytes_done, bytes_total, attempts, failure }) => {
    const part = bytes_total === 0 ? '-' : `${Math.floor((100 * bytes_done) / bytes_total)}%`;
    return `${repository}:${tag}\t${part}\t${attempts}\t${failure ?? ''}\n`;
  });
  await output.write(alignTabs(`IMAGE\tCOPIED\tFAILED\tLAST FAILURE\n${rows.join('')}`));
  if (count > items.length) await output.write(`and ${count - items.length} more\n`);
  return 0;
};

function changeOf({ name }: ReplicationRule): readonly HubEvent[] {
  return [{ kind: 'replication-changed', rule: name }];
}

/** @throws NotFoundError */
async function findRule({ replications }: HubParts, name: string): Promise<ReplicationRule> {
  const found = (await replications.list()).find((rule) => rule.name === name);
  if (found) return found;
  throw new NotFoundError(`there is no rule ${name}`);
}

async function readPassword(input: Input): Promise<string> {
  return (await readAll(input)).replace(/\r?\n$/, '');
}
