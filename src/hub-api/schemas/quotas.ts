/** How much namespaces may hold. Sizes in bytes, of blobs and manifests as they are stored; what is there twice counts once. */
import { z } from 'zod';
import { pageQuery, pageWith } from './common.ts';

const maxBytes = z.int().min(1).nullable();

export const namespaceQuotaSchema = z
  .object({
    namespace: z.string(),
    max_bytes: z.int().nullable().describe('Null: no limit; then nothing is counted.'),
    used_bytes: z.int(),
  })
  .meta({ id: 'NamespaceQuota' });

export const quotaPageSchema = pageWith('QuotaPage', namespaceQuotaSchema, {
  default_bytes: z.int().nullable().describe('What new accounts and organizations get.'),
});

export const quotaListQuery = z.object(pageQuery);

export const setQuotaSchema = z
  .object({ max_bytes: maxBytes.describe('Null: no limit.') })
  .meta({ id: 'SetQuotaRequest', description: 'What is there stays, even when it is more.' });

export const setQuotaDefaultSchema = z
  .object({ default_bytes: maxBytes.describe('For accounts and organizations made from here on.') })
  .meta({ id: 'SetQuotaDefaultRequest' });
