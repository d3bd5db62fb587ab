/** `cais hub retention …`: policies from the shell of the hub's machine, also while the hub serves. */
import type { ServerCommand } from '../cli/context.ts';
import { alignTabs } from '../cli/table.ts';
import { retentionPolicySchema } from '../hub-api/schemas/retention.ts';
import type { HubParts } from '../hub/parts.ts';
import { tryParseRepositoryPath } from '../hub/repositories/repository-path.ts';
import type { RetentionRules } from '../hub/retention/policy.ts';
import { previewRetention } from '../hub/retention/preview-retention.ts';
import { isBusy } from '../hub/retention/retention-runner.ts';
import type { Scope, StoredPolicy } from '../hub/retention/retention-store.ts';
import { requirePatterns } from '../hub/retention/require-patterns.ts';
import { runRetention } from '../hub/retention/run-retention.ts';
import { ConflictError, InvalidError, NotFoundError } from '../lib/errors.ts';
import { hubConfig, openQuietly } from './hub-parts.ts';
import { findPlace, readAs } from './hub-input.ts';
import { text, texts } from './server-flags.ts';

export const listRetention: ServerCommand = async (flags, _input, output) => {
  await using parts = await openQuietly(flags);
  const rows: string[] = [];
  for (const policy of await parts.retention.list()) {
    const name = await nameOf(parts, policy.scope);
    const [last] = await parts.retention.runs(policy);
    const result = last ? `${last.tags} tags, ${last.manifests} untagged` : '-';
    rows.push(`${name}\t${policy.enabled ? 'yes' : 'no'}\t${rulesText(policy)}\t${result}\n`);
  }
  await output.write(alignTabs(`NAME\tENABLED\tKEEPS\tLAST REMOVED\n${rows.join('')}`));
  return 0;
};

export const showRetention: ServerCommand = async (flags, _input, output) => {
  const { grace } = hubConfig(flags).garbage;
  await using parts = await openQuietly(flags);
  const policy = await findPolicy(parts, flags.args[0] ?? '');
  for await (const { path, tags, untagged } of previewRetention(parts, policy.scope, policy, grace)) {
    const lines = tags.map(({ name, verdict }) => {
      if (!verdict.keep) return `remove\t${path}:${name}\t\n`;
      const why =
        verdict.because === 'rule' ? ruleText(policy.rules[verdict.rule]) : reasons[verdict.because];
      return `keep\t${path}:${name}\t${why}\n`;
    });
    const digests = untagged.map((digest) => `remove\t${path}@${digest}\tuntagged\n`);
    await output.write([...lines, ...digests].join(''));
  }
  return 0;
};

export const applyRetention: ServerCommand = async (flags, _input, output) => {
  const { grace } = hubConfig(flags).garbage;
  await using parts = await openQuietly(flags);
  const policy = await findPolicy(parts, flags.args[0] ?? '');
  const result = await runRetention(parts, policy, { cause: 'shell', grace });
  if (!result) throw new ConflictError(isBusy);
  await output.write(
    `Removed ${result.tags} tags and ${result.manifests} untagged manifests, kept ${result.kept} tags\n`,
  );
  return 0;
};

export const setRetention: ServerCommand = async (flags, _input, output) => {
  const untagged = text(flags, 'untagged-days');
  const given = readAs(retentionPolicySchema, 'policy', {
    enabled: flags['manual'] !== true,
    untagged_days: untagged === undefined ? null : Number(untagged),
    rules: [
      ...texts(flags, 'latest').map((each) => ({ keep: 'latest', ...numbered(each, 'count') })),
      ...texts(flags, 'pushed-within').map((each) => ({ keep: 'pushed_within', ...numbered(each, 'days') })),
      ...texts(flags, 'pulled-within').map((each) => ({ keep: 'pulled_within', ...numbered(each, 'days') })),
      ...texts(flags, 'always').map((tags) => ({ keep: 'always', tags })),
    ],
  });
  if (given.rules.length === 0 && given.untagged_days === null) {
    throw new InvalidError(
      'a policy keeps something: give --latest, --always or another rule, or --untagged-days',
    );
  }
  const policy = requirePatterns(given);
  await using parts = await openQuietly(flags);
  const { name, namespace, repositoryId } = await findPlace(parts, flags.args[0] ?? '');
  const scope = repositoryId === undefined ? { namespace } : { repositoryId };
  await parts.changes.make(() => parts.retention.put(scope, policy), { kind: 'retention-changed', of: name });
  await output.write(`${name}\n`);
  return 0;
};

export const removeRetention: ServerCommand = async (flags, _input, output) => {
  const [name = ''] = flags.args;
  await using parts = await openQuietly(flags);
  const policy = await findPolicy(parts, name);
  await parts.changes.make(() => parts.retention.remove(policy), { kind: 'retention-changed', of: name });
  await output.write(`${name}\n`);
  return 0;
};

/** `10`, or `v*=10` for tags that match. */
function numbered(text: string, what: 'count' | 'days'): object {
  const [, tags = '*', number] = /^(?:(.*)=)?(\d+)$/.exec(text) ?? [];
  if (number === undefined)
    throw new InvalidError(`invalid rule ${JSON.stringify(text)}: N or PATTERN=N is expected`);
  return { tags, [what]: Number(number) };
}

const reasons = { immutable: 'immutable', of_kept_image: 'its image stays' } as const;

function rulesText(policy: RetentionRules): string {
  const untagged = policy.untagged_days === null ? [] : [`untagged for ${policy.untagged_days} days`];
  return [...policy.rules.map(ruleText), ...untagged].join('; ') || 'everything';
}

function ruleText(rule: RetentionRules['rules'][number] | undefined): string {
  switch (rule?.keep) {
    case 'latest':
      return `${rule.tags}: the latest ${rule.count}`;
    case 'pushed_within':
      return `${rule.tags}: pushed within ${rule.days} days`;
    case 'pulled_within':
      return `${rule.tags}: pulled within ${rule.days} days`;
    case 'always':
      return `${rule.tags}: always`;
    default:
      return '';
  }
}

/** @param name of a namespace, or of a repository with its namespace. @throws NotFoundError */
async function findPolicy({ repositories, retention }: HubParts, name: string): Promise<StoredPolicy> {
  const path = name.includes('/') ? tryParseRepositoryPath(name) : undefined;
  const repository = path && (await repositories.find(path));
  const scope = repository ? { repositoryId: repository.id } : { namespace: name };
  const policy = await retention.find(scope);
  if (policy) return policy;
  throw new NotFoundError(`${name} has no retention policy of its own`);
}

async function nameOf({ retention }: HubParts, scope: Scope): Promise<string> {
  if ('namespace' in scope) return scope.namespace;
  for await (const { path } of retention.covered(scope)) return path;
  return '(deleted)';
}
