/** Rules that copy images to other registries, and how that goes. For administrators. */
import { z } from 'zod';
import { pageOf, pageQuery, time } from './common.ts';

const pattern = z.string().min(1).max(128).describe('* stands for any characters, ? for one.');
const file = z
  .string()
  .max(64)
  .describe('A file in the hub’s directory of secrets that has the password, or nothing.');

const settings = {
  name: z.string().regex(/^[\w][\w .-]{0,63}$/),
  repositories: pattern.describe('Which repositories, as in team/*: * stands for any characters, ? for one.'),
  tags: pattern,
  registry: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .describe('Where to, as in https://registry.example.'),
  prefix: z
    .string()
    .regex(/^(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/|$))*$/, 'parts of a repository name are expected')
    .max(200)
    .describe('Stands before the name of each repository there, as in mirror/.'),
  username: z.string().max(255),
  password_file: file,
  is_insecure: z.boolean().describe('Its certificate need not be valid.'),
  on_push: z.boolean().describe('Copies what is pushed, soon.'),
  interval_hours: z
    .int()
    .min(0)
    .max(24 * 31)
    .describe('Compares all of it so often; 0: only when asked to.'),
  deletions: z.boolean().describe('What is deleted here is deleted there; only what the rule has copied.'),
  is_enabled: z.boolean(),
};
const password = z.string().max(4096).describe('Kept encrypted, never told again; nothing: none.');

export const createReplicationSchema = z
  .object({
    name: settings.name,
    repositories: settings.repositories,
    registry: settings.registry,
    tags: pattern.default('*'),
    prefix: settings.prefix.default(''),
    username: settings.username.default(''),
    password: password.default(''),
    password_file: file.default(''),
    is_insecure: settings.is_insecure.default(false),
    on_push: settings.on_push.default(true),
    interval_hours: settings.interval_hours.default(0),
    deletions: settings.deletions.default(false),
    is_enabled: settings.is_enabled.default(true),
  })
  .meta({ id: 'CreateReplicationRequest' });

export const updateReplicationSchema = z
  .object({ ...settings, password })
  .partial()
  .meta({ id: 'UpdateReplicationRequest', description: 'What is left out stays.' });

export const replicationSchema = z
  .object({
    id: z.int(),
    ...settings,
    has_password: z.boolean(),
    waiting: z.int().describe('Tags to be copied, those that are copied now too.'),
    failed: z.int().describe('Of these those that failed and are tried again.'),
    done: z.int(),
    last_compared: time.nullable(),
    last_failure: z.string().nullable(),
  })
  .meta({ id: 'Replication' });

export const replicationListSchema = z
  .object({ results: z.array(replicationSchema) })
  .meta({ id: 'ReplicationList' });

const itemSchema = z
  .object({
    repository: z.string(),
    tag: z.string(),
    state: z.enum(['waiting', 'running', 'failed', 'done']),
    digest: z.string().nullable().describe('What was put there last.'),
    bytes_done: z.int(),
    bytes_total: z.int(),
    attempts: z.int().describe('That failed, one after the other.'),
    failure: z.string().nullable(),
    next_attempt: time.nullable(),
    done_at: time.nullable(),
  })
  .meta({ id: 'ReplicationItem' });

export const replicationItemPageSchema = pageOf('ReplicationItemPage', itemSchema);

export const replicationItemQuery = z.object({
  ...pageQuery,
  state: z.enum(['all', 'open', 'failed']).default('all').describe('open: what is not done.'),
});
