/** The files of an image, and what changed between two. */
import { z } from 'zod';
import { pageOf, pageQueryOf, pageWith, time } from './common.ts';

export const fileSchema = z
  .object({
    name: z.string().describe('The last part of the path, as people read it.'),
    path: z
      .string()
      .describe('From the root, without a slash before it; bytes that are no plain ASCII percent-encoded.'),
    kind: z.enum(['file', 'directory', 'symlink', 'link', 'character', 'block', 'fifo']),
    mode: z.int().describe('Permissions, 12 bits.'),
    uid: z.int(),
    gid: z.int(),
    size: z.int().describe('In bytes; of a directory, of all files in it.'),
    modified: time,
    link_target: z.string().nullable().describe('Where a link leads, as people read it.'),
    layer: z.int().describe('Which layer it is from, 0 the lowest.'),
  })
  .meta({ id: 'File', description: 'An entry of an image’s file system.' });

export const filePageSchema = pageOf('FilePage', fileSchema);

export const fileListQuery = z.object({
  ...pageQueryOf(1000, 1000),
  path: z.string().default('').describe('Of a directory; as `path` of a file, or in UTF-8.'),
});

export const fileChangeSchema = z
  .object({
    path: z.string(),
    readable_path: z.string().describe('As people read it.'),
    kind: z.enum(['added', 'changed', 'removed']),
    before: fileSchema.nullable(),
    after: fileSchema.nullable(),
  })
  .meta({ id: 'FileChange', description: 'One path that two images differ in.' });

export const fileChangePageSchema = pageWith('FileChangePage', fileChangeSchema, {
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
});

/** The number of a layer, or of layers, as text. */
const layerNumber = z
  .string()
  .regex(/^\d{1,3}$/, 'a number of layers is expected')
  .transform(Number)
  .optional();

export const fileChangeQuery = z.object({
  ...pageQueryOf(1000, 100),
  since: z.string().optional().describe('Digest of the image to compare with, of this repository.'),
  layer: layerNumber.meta({
    type: 'integer',
    pattern: undefined,
    description: 'Only what this layer did to those below.',
  }),
});

export const fileContentSchema = z
  .object({
    file: fileSchema,
    text: z.string().nullable(),
    reason: z.enum(['text', 'binary', 'too large']).describe('Why there is a text, or none.'),
  })
  .meta({ id: 'FileContent', description: 'What a file of an image says, if it is a short text.' });

export const fileContentQuery = z.object({
  path: z.string().default('').describe('As `path` of a file, or in UTF-8.'),
  layers: layerNumber.meta({
    type: 'integer',
    pattern: undefined,
    description: 'As the file is with only so many of the layers, from the lowest.',
  }),
});
