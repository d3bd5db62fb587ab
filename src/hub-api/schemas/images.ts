/** Images by digest: what they are made of, their configuration, what names them and what was said about them. */
import { z } from 'zod';
import { time } from './common.ts';

const layerSchema = z
  .object({
    digest: z.string().nullable(),
    size: z.int(),
    instruction: z.string().describe("The command that made it, as the image's history tells it."),
    created: z.string().nullable(),
    comment: z.string(),
  })
  .meta({
    id: 'TagLayer',
    description: "One step of an image's history. Steps that changed no file have no digest and size 0.",
  });

export const imageConfigSchema = z
  .object({
    entrypoint: z.array(z.string()),
    cmd: z.array(z.string()),
    working_dir: z.string(),
    user: z.string(),
    stop_signal: z.string(),
    shell: z.array(z.string()),
    ports: z.array(z.string()),
    volumes: z.array(z.string()),
    health_check: z
      .object({
        test: z.array(z.string()),
        interval: z.number().describe('In seconds, as the next two; 0: the default.'),
        timeout: z.number(),
        start_period: z.number(),
        retries: z.number(),
      })
      .nullable(),
    author: z.string(),
    created: z.string(),
    env: z.array(z.string()).describe('NAME=value'),
    labels: z.array(z.object({ name: z.string(), value: z.string() })),
    on_build: z.array(z.string()),
    is_cut: z.boolean().describe('There is more of it than is told here.'),
  })
  .meta({ id: 'ImageConfig', description: 'What a container of the image starts with.' });

export const imageSchema = z
  .object({
    os: z.string(),
    architecture: z.string(),
    variant: z.string().nullable(),
    os_version: z.string().nullable(),
    os_features: z.string(),
    features: z.string(),
    digest: z.string(),
    size: z.int(),
    status: z.enum(['active', 'inactive']),
    last_pushed: time.nullable(),
    last_pulled: time.nullable(),
    config_digest: z
      .string()
      .optional()
      .describe(
        'What `docker images` shows as ID. Like `layers` and `config`, where one tag or image is asked for.',
      ),
    layers: z.array(layerSchema).optional().describe('Bottom first.'),
    config: imageConfigSchema.optional(),
  })
  .meta({ id: 'TagImage', description: 'One platform of a tag.' });

const referrerSchema = z
  .object({
    digest: z.string(),
    media_type: z.string(),
    artifact_type: z.string().nullable(),
    size: z.int().describe('Bytes of the manifest and all that it names.'),
    subject: z.string().describe('The digest of what it is about: the image, or one platform of it.'),
    tag: z.string().nullable().describe('The tag that cosign gave it.'),
  })
  .meta({ id: 'ImageReferrer', description: 'A signature, an SBOM, an attestation.' });

export const imageDetailSchema = z
  .object({
    digest: z.string(),
    media_type: z.string(),
    artifact_type: z.string().nullable(),
    full_size: z.int().describe('Bytes of config and layers, over all platforms.'),
    unique_size: z
      .int()
      .describe(
        'Those of the bytes that no other image of the repository needs, tagged or not. Other repositories do not count.',
      ),
    images: z.array(imageSchema),
    tags: z.array(z.string()).describe('That name it, the latest first; at most 100.'),
    referrers: z.array(referrerSchema).describe('At most 100.'),
    last_updated: time,
    last_updater_username: z.string(),
    last_pulled: time.nullable(),
  })
  .meta({ id: 'ImageDetail' });
