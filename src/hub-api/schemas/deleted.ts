/** What was deleted and can be brought back. */
import { z } from 'zod';
import { pageOf, pageQuery, time } from './common.ts';

const deletion = {
  id: z.string().describe('Of the deletion.'),
  deleted_at: time,
  deleted_by: z.string().describe('Empty when that account is gone.'),
  expires_at: time.describe('From then on it is gone for good.'),
};

const deletedTagSchema = z
  .object({ ...deletion, name: z.string(), digest: z.string() })
  .meta({ id: 'DeletedTag' });

export const deletedTagPageSchema = pageOf('DeletedTagPage', deletedTagSchema);

const deletedRepositorySchema = z
  .object({
    ...deletion,
    namespace: z.string(),
    name: z.string(),
    description: z.string(),
    is_private: z.boolean(),
  })
  .meta({ id: 'DeletedRepository' });

export const deletedRepositoryPageSchema = pageOf('DeletedRepositoryPage', deletedRepositorySchema);

export const deletedListQuery = z.object(pageQuery);

export const restoreRepositorySchema = z
  .object({ name: z.string().optional().describe('Another name, where the old one is taken.') })
  .meta({ id: 'RestoreRepositoryRequest' });
