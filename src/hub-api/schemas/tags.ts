/** Tags, their platforms and layers. */
import { z } from 'zod';
import { ordering, pageOf, pageQuery, time } from './common.ts';
import { imageSchema } from './images.ts';

export const tagSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    digest: z.string().describe('Of the manifest or index that the tag names.'),
    media_type: z.string(),
    content_type: z.literal('image'),
    full_size: z.int().describe('Bytes of config and layers, over all platforms.'),
    images: z.array(imageSchema),
    creator: z.string(),
    repository: z.string(),
    last_updated: time.describe('The last push of this tag.'),
    last_updater: z.string(),
    last_updater_username: z.string(),
    tag_status: z.enum(['active', 'inactive']),
    tag_last_pushed: time,
    tag_last_pulled: time.nullable(),
    pull_count: z.int().describe('By this name; a pull by digest counts for every tag of it.'),
    immutable: z.boolean().describe('A rule of the repository keeps it: it is neither moved nor deleted.'),
    v2: z.literal(true),
  })
  .meta({ id: 'Tag' });

export const tagPageSchema = pageOf('TagPage', tagSchema);

export const tagListQuery = z.object({
  ...pageQuery,
  name: z.string().default('').describe('Part of the name.'),
  ordering: ordering(['name', 'last_updated'], '-last_updated'),
});

const maxDeleted = 1000;

export const deleteTagsSchema = z
  .object({ tags: z.array(z.string().max(128)).min(1).max(maxDeleted) })
  .meta({ id: 'DeleteTagsRequest' });

export const deletedTagsSchema = z
  .object({
    deleted: z.array(z.string()),
    refused: z.array(z.object({ name: z.string(), reason: z.enum(['immutable', 'missing']) })),
  })
  .meta({ id: 'DeletedTags', description: 'What became of each tag that was to go.' });
