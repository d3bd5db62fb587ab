/**
 * What namespaces are limited to. Sizes in bytes, of blobs and manifests as they are stored; what is there twice counts once.
 * Repositories count from their first image on.
 */
import { z } from 'zod';
import { pageQuery, pageWith } from './common.ts';

const bytes = z.int().min(1).nullable();
const count = z.int().min(0).nullable();
const limit = z.int().nullable();
const isAsked = (body: object): boolean => Object.keys(body).length > 0;

export const namespaceQuotaSchema = z
  .object({
    namespace: z.string(),
    max_bytes: limit.describe('Null: no limit; then nothing is counted.'),
    used_bytes: z.int(),
    max_repositories: limit.describe('Null: no limit.'),
    repositories: z.int(),
    max_private_repositories: limit.describe('Null: no limit but that of all.'),
    private_repositories: z.int(),
  })
  .meta({ id: 'NamespaceQuota' });

export const quotaPageSchema = pageWith('QuotaPage', namespaceQuotaSchema, {
  default_bytes: limit.describe('What new accounts and organizations get.'),
  default_repositories: limit,
  default_private_repositories: limit,
});

export const quotaListQuery = z.object(pageQuery);

export const setQuotaSchema = z
  .object({ max_bytes: bytes, max_repositories: count, max_private_repositories: count })
  .partial()
  .refine(isAsked, 'nothing to set: give max_bytes, max_repositories or max_private_repositories')
  .meta({
    id: 'SetQuotaRequest',
    minProperties: 1,
    description:
      'Null: no limit. What is left out stays as it is; what is there stays, even when it is more.',
  });

export const setQuotaDefaultSchema = z
  .object({ default_bytes: bytes, default_repositories: count, default_private_repositories: count })
  .partial()
  .refine(isAsked, 'nothing to set: give default_bytes, default_repositories or default_private_repositories')
  .meta({
    id: 'SetQuotaDefaultRequest',
    minProperties: 1,
    description: 'For accounts and organizations made from here on. What is left out stays as it is.',
  });
