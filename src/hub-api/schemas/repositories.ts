/** Repositories. */
import { z } from 'zod';
import { categorySchema } from './categories.ts';
import { ordering, pageOf, pageQuery, time } from './common.ts';

const description = z.string().max(100, 'at most 100 characters').describe('One line.');
const fullDescription = z.string().max(25_000, 'at most 25,000 characters').describe('Markdown.');

export const createRepositorySchema = z
  .object({
    namespace: z.string().optional().describe('The account or organization; your own when left out.'),
    name: z.string().min(1, 'a name is needed').describe('May have several parts: `team/app`.'),
    description: description.nullish(),
    full_description: fullDescription.nullish(),
    is_private: z.boolean().nullish(),
  })
  .meta({ id: 'CreateRepositoryRequest' });

export const updateRepositorySchema = z
  .object({
    description: description.optional(),
    full_description: fullDescription.optional(),
    is_private: z.boolean().optional(),
  })
  .meta({ id: 'UpdateRepositoryRequest', description: 'What is left out stays.' });

export const privacySchema = z.object({ is_private: z.boolean() }).meta({ id: 'PrivacyRequest' });

export const moveRepositorySchema = z
  .object({
    name: z.string().min(1, 'a name is needed').optional(),
    namespace: z.string().min(1, 'a namespace is needed').optional().describe('To give it to another one.'),
  })
  .meta({ id: 'MoveRepositoryRequest', description: 'What is left out stays.' });

export const deleteRepositoryQuery = z.object({
  confirm: z
    .string()
    .optional()
    .describe('`namespace/name` once more: what people are asked to type. When given, it has to be right.'),
});

export const immutableTagsSchema = z
  .object({
    immutable_tags: z.boolean(),
    immutable_tags_rules: z
      .array(z.string())
      .optional()
      .describe('Regular expressions in RE2’s syntax for whole tags, at most 20; left out: they stay.'),
  })
  .meta({ id: 'ImmutableTagsRequest' });

export const verifyRuleSchema = z.object({ regex: z.string() }).meta({ id: 'VerifyRuleRequest' });

export const verifiedRuleSchema = z
  .object({ tags: z.array(z.string()).describe('Among the first 1,000 by name.') })
  .meta({ id: 'VerifiedRule' });

const entry = {
  namespace: z.string(),
  name: z.string(),
  repository_type: z.literal('image').nullable(),
  status: z.literal(1),
  status_description: z.literal('active'),
  description: z.string(),
  is_private: z.boolean(),
  star_count: z.int(),
  pull_count: z.int(),
  last_updated: time.nullable().describe('The last push; null before the first.'),
  last_modified: time.nullable(),
  date_registered: time,
  affiliation: z.literal('owner').nullable(),
  media_types: z.array(z.string()),
  content_types: z.array(z.string()),
  categories: z.array(categorySchema),
  storage_size: z.int(),
};

const repositoryEntrySchema = z.object(entry).meta({ id: 'RepositoryListEntry' });

export const repositoryPageSchema = pageOf('RepositoryPage', repositoryEntrySchema);

export const repositorySchema = z
  .object({
    ...entry,
    user: z.string(),
    hub_user: z.string(),
    is_automated: z.literal(false),
    collaborator_count: z.int(),
    has_starred: z.boolean().describe('Of the caller.'),
    full_description: z.string(),
    permissions: z
      .object({ read: z.boolean(), write: z.boolean(), admin: z.boolean() })
      .describe('Of the caller.'),
    immutable_tags_settings: z.object({ enabled: z.boolean(), rules: z.array(z.string()) }),
    source: z.null(),
  })
  .meta({ id: 'Repository' });

export const repositoryListQuery = z.object({
  ...pageQuery,
  name: z.string().default('').describe('Part of the name.'),
  ordering: ordering(['name', 'last_updated', 'pull_count'], '-last_updated'),
});
