/** Access tokens, of people and of organizations. https://docs.docker.com/reference/api/hub/latest/ */
import { z } from 'zod';
import { pageQuery, time } from './common.ts';

export const tokenScopes = [
  'repo:public_read',
  'repo:read',
  'repo:write',
  'repo:delete',
  'repo:admin',
] as const;

const label = z.string().trim().min(1, 'a label is needed').max(100, 'at most 100 characters');
const path = z.string().max(255);
const maxRepositories = 100;

export const createAccessTokenSchema = z
  .object({
    token_label: label,
    scopes: z.array(z.enum(tokenScopes)).min(1, 'a scope is needed').max(tokenScopes.length),
    expires_at: z.iso
      .datetime({ offset: true, error: 'a time like 2027-01-31T00:00:00Z is expected' })
      .nullish(),
    repositories: z
      .array(path)
      .max(maxRepositories, `at most ${maxRepositories}`)
      .nullish()
      .describe('The only repositories that it opens, as `namespace/name`; left out: all.'),
  })
  .meta({ id: 'CreateAccessTokenRequest' });

export const updateAccessTokenSchema = z
  .object({ token_label: label.optional(), is_active: z.boolean().optional() })
  .meta({ id: 'UpdateAccessTokenRequest', description: 'What is left out stays.' });

export const accessTokenSchema = z
  .object({
    uuid: z.string(),
    client_id: z.literal('HUB'),
    creator_ip: z.string(),
    creator_ua: z.string(),
    created_at: time,
    last_used: time.nullable(),
    generated_by: z.literal('manual'),
    is_active: z.boolean(),
    token: z.string().describe('Only in the answer that makes it.'),
    token_label: z.string(),
    scopes: z.array(z.enum(tokenScopes)),
    repositories: z.array(z.string()).nullable(),
    expires_at: time.nullable(),
  })
  .meta({ id: 'AccessToken' });

export const accessTokenPageSchema = z
  .object({
    count: z.int(),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    active_count: z.int(),
    results: z.array(accessTokenSchema),
  })
  .meta({ id: 'AccessTokenPage' });

export const accessTokenListQuery = z.object(pageQuery);

export const resourceScopes = ['repo-pull', 'repo-push', 'repo-delete', 'repo-admin'] as const;

const resource = z.object({
  type: z.literal('TYPE_REPO'),
  path: path.describe('`org/name`; `org/*` for all that it has; `*/*/public` for what is public anywhere.'),
  scopes: z
    .array(z.enum(resourceScopes))
    .min(1, 'a scope is needed')
    .max(resourceScopes.length)
    .describe('Each holds those before it.'),
});

const description = z.string().max(255, 'at most 255 characters');

export const createOrganizationTokenSchema = z
  .object({
    label,
    description: description.optional(),
    expires_at: z.iso
      .datetime({ offset: true, error: 'a time like 2027-01-31T00:00:00Z is expected' })
      .nullish(),
    resources: z
      .array(resource)
      .min(1, 'a resource is needed')
      .max(maxRepositories, `at most ${maxRepositories}`),
  })
  .meta({ id: 'CreateOrganizationTokenRequest' });

export const updateOrganizationTokenSchema = z
  .object({ label: label.optional(), description: description.optional(), is_active: z.boolean().optional() })
  .meta({ id: 'UpdateOrganizationTokenRequest', description: 'What is left out stays.' });

export const organizationTokenSchema = z
  .object({
    id: z.string(),
    label: z.string(),
    description: z.string(),
    created_by: z.string().describe('Who made it; empty when they are gone.'),
    is_active: z.boolean(),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable(),
    token: z.string().optional().describe('Only in the answer that makes it.'),
    resources: z.array(resource),
  })
  .meta({ id: 'OrganizationToken' });

export const organizationTokenPageSchema = z
  .object({
    total: z.int(),
    next: z.string().nullable(),
    previous: z.string().nullable(),
    results: z.array(organizationTokenSchema),
  })
  .meta({ id: 'OrganizationTokenPage' });
