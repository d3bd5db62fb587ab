/** Between rules of replication as they are stored and the shapes of hub-api/schemas/replication.ts. */
import type { z } from 'zod';
import type {
  replicationItemPageSchema,
  replicationSchema,
  updateReplicationSchema,
} from '../../hub-api/schemas/replication.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import { isNamePattern } from '../repositories/name-pattern.ts';
import type { ReplicationItem, ReplicationStore, RuleSettings } from '../replication/replication-store.ts';
import type { ReplicationRule } from '../replication/rule.ts';
import { isSecretFileName, type Secrets } from '../secrets/secrets.ts';
import { optionalTime } from './present.ts';

type Body = z.output<typeof updateReplicationSchema>;
type Item = z.output<typeof replicationItemPageSchema>['results'][number];

const hour = 3600_000;

/** Never the password. */
export async function describeRule(
  { replications }: { readonly replications: ReplicationStore },
  rule: ReplicationRule,
): Promise<z.output<typeof replicationSchema>> {
  const { id, name, repositories, tags, registry, prefix, username } = rule;
  return {
    id,
    name,
    repositories,
    tags,
    registry,
    prefix,
    username,
    password_file: rule.secret_file,
    has_password: rule.secret !== '' || rule.secret_file !== '',
    is_insecure: rule.is_insecure === 1,
    on_push: rule.is_on_push === 1,
    interval_hours: Math.round(rule.period / hour),
    deletions: rule.mirrors_deletions === 1,
    is_enabled: rule.is_enabled === 1,
    last_compared: optionalTime(rule.swept_at < 0 ? null : rule.swept_at),
    ...(await replications.status(id)),
  };
}

/** What a rule is to be: all of it, where the body has all of it, or only what changes. @throws FieldsError */
export async function settingsOf<B extends Body>(
  { secrets }: { readonly secrets: Secrets },
  body: B,
): Promise<B extends Required<Body> ? RuleSettings : Partial<RuleSettings>>;
export async function settingsOf(
  { secrets }: { readonly secrets: Secrets },
  body: Body,
): Promise<Partial<RuleSettings>> {
  const { name, repositories, tags, registry, prefix, username, password, password_file: file } = body;
  for (const [field, pattern] of Object.entries({ repositories, tags })) {
    if (pattern === undefined || isNamePattern(pattern)) continue;
    throw new FieldsError({ [field]: ['a name is expected, with * for any characters and ? for one'] });
  }
  if (file && !isSecretFileName(file)) {
    throw new FieldsError({ password_file: ['the name of a file is expected, without a directory'] });
  }
  return {
    ...(name !== undefined && { name }),
    ...(repositories !== undefined && { repositories }),
    ...(tags !== undefined && { tags }),
    ...(registry !== undefined && { registry: originOf(registry) }),
    ...(prefix !== undefined && { prefix: prefix === '' ? '' : prefix.replace(/\/*$/, '/') }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { secret: password === '' ? '' : await secrets.seal(password) }),
    ...(file !== undefined && { secret_file: file }),
    ...(body.is_insecure !== undefined && { is_insecure: body.is_insecure ? 1 : 0 }),
    ...(body.on_push !== undefined && { is_on_push: body.on_push ? 1 : 0 }),
    ...(body.interval_hours !== undefined && { period: body.interval_hours * hour }),
    ...(body.deletions !== undefined && { mirrors_deletions: body.deletions ? 1 : 0 }),
    ...(body.is_enabled !== undefined && { is_enabled: body.is_enabled ? 1 : 0 }),
  };
}

export function presentItem(item: ReplicationItem, now: number): Item {
  const { repository, tag, digest, bytes_done, bytes_total, attempts, failure } = item;
  return {
    repository,
    tag,
    digest,
    bytes_done,
    bytes_total,
    attempts,
    failure,
    state: stateOf(item, now),
    next_attempt: optionalTime(item.due_at),
    done_at: optionalTime(item.done_at),
  };
}

function stateOf({ leased_until, due_at, failure }: ReplicationItem, now: number): Item['state'] {
  if (leased_until > now) return 'running';
  if (due_at === null) return 'done';
  return failure === null ? 'waiting' : 'failed';
}

/** @throws FieldsError */
function originOf(text: string): string {
  const url = new URL(text);
  if (
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === ''
  ) {
    return url.origin;
  }
  throw new FieldsError({ registry: ['only https://HOST is expected: a path goes into the prefix'] });
}
