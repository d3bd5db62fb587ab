/**
 * An image's configuration: what to run, and the diff IDs of its layers.
 * The bytes as received are the truth (their digest is the image's id); this is a reading of them, unknown fields kept.
 * https://github.com/opencontainers/image-spec/blob/main/config.md, with Docker's additions.
 */
import { z } from 'zod';
import { CorruptError } from '../../lib/errors.ts';
import { type Digest, digestOf, tryParseDigest } from './digest.ts';
import type { Platform } from './platform.ts';

const digestSchema = z.string().transform((text, context): Digest => {
  const digest = tryParseDigest(text);
  if (digest) return digest;
  context.addIssue('not a digest');
  return z.NEVER;
});

/** Go writes null for an empty list or map. */
const strings = z.array(z.string()).nullish();
const emptyObjects = z.record(z.string(), z.unknown()).nullish();

const healthcheckSchema = z.looseObject({
  Test: strings,
  Interval: z.number().optional(),
  Timeout: z.number().optional(),
  StartPeriod: z.number().optional(),
  StartInterval: z.number().optional(),
  Retries: z.number().optional(),
});

const processSchema = z.looseObject({
  User: z.string().optional(),
  ExposedPorts: emptyObjects,
  Env: strings,
  Entrypoint: strings,
  Cmd: strings,
  Volumes: emptyObjects,
  WorkingDir: z.string().optional(),
  Labels: z.record(z.string(), z.string()).nullish(),
  StopSignal: z.string().optional(),
  ArgsEscaped: z.boolean().optional(),
  Healthcheck: healthcheckSchema.nullish(),
  Shell: strings,
  OnBuild: strings,
});

const historySchema = z.looseObject({
  created: z.string().optional(),
  created_by: z.string().optional(),
  author: z.string().optional(),
  comment: z.string().optional(),
  empty_layer: z.boolean().optional(),
});

const imageConfigSchema = z.looseObject({
  architecture: z.string().default('amd64'),
  os: z.string().default('linux'),
  variant: z.string().optional(),
  created: z.string().nullish(),
  author: z.string().optional(),
  config: processSchema.nullish(),
  rootfs: z.looseObject({
    type: z.string(),
    diff_ids: z
      .array(digestSchema)
      .nullish()
      .transform((ids) => ids ?? []),
  }),
  history: z.array(historySchema).nullish(),
});

export type ImageConfig = z.infer<typeof imageConfigSchema>;
/** The part that tells a runtime what to start: docker's `Config`. */
export type ProcessConfig = z.infer<typeof processSchema>;
export type History = z.infer<typeof historySchema>;

/** Configs are kept in memory whole, so they are bounded. */
export const maxConfigSize = 8 * 1024 * 1024;

/** @throws CorruptError when the bytes are no image configuration. */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  try {
    return imageConfigSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new CorruptError('cannot read image configuration: not in the format of an OCI or Docker image', {
      cause,
    });
  }
}

/**
 * The chain ID of every layer, bottom first: what names an unpacked stack of layers.
 * https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
 */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const parent = chain.at(-1);
    chain.push(parent === undefined ? diffId : digestOf(`${parent} ${diffId}`));
  }
  return chain;
}

/** What an image is for. */
export function platformOf({ os, architecture, variant, ...rest }: ImageConfig): Platform {
  const version = rest['os.version'];
  return {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(typeof version === 'string' && { 'os.version': version }),
  };
}
