/** Rules for what a repository keeps: what goes otherwise, what went, and what would go. */
import { z } from 'zod';
import { time } from './common.ts';

const tags = z
  .string()
  .min(1)
  .max(128)
  .default('*')
  .describe('Which tags the rule is about: * stands for any characters, ? for one.');
const days = z.int().min(1).max(3650);

const ruleSchema = z
  .discriminatedUnion('keep', [
    z.object({
      keep: z.literal('latest'),
      tags,
      count: z.int().min(1).max(10_000).describe('So many, by their last push.'),
    }),
    z.object({ keep: z.literal('pushed_within'), tags, days }),
    z.object({ keep: z.literal('pulled_within'), tags, days }),
    z.object({ keep: z.literal('always'), tags }),
  ])
  .meta({ id: 'RetentionRule', description: 'Which tags stay. A tag stays when any rule keeps it.' });

const policy = {
  enabled: z.boolean().describe('Whether it runs by itself, once a day unless the hub was set up otherwise.'),
  rules: z.array(ruleSchema).max(20).describe('Tags that none of them keeps go. Without a rule all stay.'),
  untagged_days: days.nullable().describe('Images without a tag go after so many days; null: they stay.'),
};

export const retentionPolicySchema = z.object(policy).meta({ id: 'RetentionPolicy' });

const runSchema = z
  .object({
    id: z.int(),
    cause: z.enum(['schedule', 'shell', 'person']),
    by: z.string().describe('Who asked for it, or nothing.'),
    started_at: time,
    ended_at: time.nullable().describe('Null while it runs, and for ever where it was cut off.'),
    tags: z.int().describe('That went.'),
    kept: z.int().describe('Tags that stayed.'),
    manifests: z.int().describe('Images without a tag that went.'),
    removed: z.array(z.string()).describe('The first of what went, as repository:tag.'),
    failure: z.string().nullable(),
  })
  .meta({ id: 'RetentionRun' });

export const retentionSchema = z
  .object({
    policy: retentionPolicySchema.nullable(),
    inherited: retentionPolicySchema
      .nullable()
      .describe('That of the namespace, in force where there is none here.'),
    runs: z.array(runSchema).describe('The latest first, at most 20.'),
  })
  .meta({ id: 'Retention' });

const judgedTag = {
  tag: z.string(),
  digest: z.string(),
  last_pushed: time,
  last_pulled: time.nullable(),
};

export const retentionPreviewSchema = z
  .object({
    removed_count: z.int(),
    kept_count: z.int(),
    untagged_count: z.int(),
    is_complete: z.boolean().describe('False: there is more than the lists have, or was time for.'),
    repositories: z.array(
      z.object({
        repository: z.string(),
        removed: z.array(z.object(judgedTag)),
        kept: z.array(
          z.object({
            ...judgedTag,
            because: z.enum(['rule', 'immutable', 'of_kept_image']),
            rule: z.int().nullable().describe('Which of the rules, the first is 0.'),
          }),
        ),
        untagged: z.array(z.string()).describe('Digests.'),
      }),
    ),
  })
  .meta({
    id: 'RetentionPreview',
    description: 'What would go now, and why the rest stays. Nothing is changed.',
  });
