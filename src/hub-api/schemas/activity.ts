/** What happened to repositories. */
import { z } from 'zod';
import { pageOf, pageQuery, time } from './common.ts';

export const activityQuery = z.object(pageQuery);

const activitySchema = z
  .object({
    id: z.string(),
    kind: z.enum([
      'created',
      'pushed',
      'tag_deleted',
      'tag_restored',
      'settings_changed',
      'made_public',
      'made_private',
      'right_changed',
      'moved',
      'deleted',
      'restored',
    ]),
    namespace: z.string(),
    repository: z.string().describe('As they are called now.'),
    account: z.string().nullable().describe('Who did it; null when the account is gone.'),
    time,
    tag: z.string().nullable(),
    digest: z.string().nullable(),
    to: z
      .string()
      .nullable()
      .describe('Of a right: whose it is. For administrators of the repository only, as what follows.'),
    permission: z
      .string()
      .nullable()
      .describe('The right that they have since; `none` when it was taken away.'),
    from: z.string().nullable().describe('Of a repository that was moved: where it was before.'),
  })
  .meta({ id: 'Activity' });

export const activityPageSchema = pageOf('ActivityPage', activitySchema);
