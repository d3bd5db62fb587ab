/**
 * A build's cache as it goes out and comes in: the configuration of an image manifest, or a field in an image's own one.
 * A record says what one step came to, never what stood below it: that is in its key. Hostile input. Pure.
 * docs/decisions/0016-a-cache-is-an-image-manifest.md
 */
import { z } from 'zod';
import { CorruptError } from '../../../lib/errors.ts';
import { type Digest, tryParseDigest } from '../../../oci/image/digest.ts';

export const cacheConfigType = 'application/vnd.cais.build-cache.v1+json';
/** BuildKit's, whose keys are others. */
export const buildkitConfigType = 'application/vnd.buildkit.cacheconfig.v0';
/** In an image's configuration: the cache that came with it. */
export const inlineField = 'cais.build-cache.v1';

export interface RemoteRecord {
  readonly key: Digest;
  /** What made it, for people. */
  readonly description: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Undefined for a step that changed no file. */
  readonly diffId?: Digest | undefined;
}

export interface CacheDocument {
  readonly records: readonly RemoteRecord[];
  /** By the question's digest: what is known of the files of layers, and would take the layers to find out. */
  readonly facts: ReadonlyMap<Digest, string>;
  /** The layer that each blob of the manifest holds; those of the image for an inline one. */
  readonly layers: readonly Digest[];
}

/** More than any Dockerfile has. */
const mostRecords = 10_000;
const mostFacts = 20_000;
const longestDescription = 1000;

const digestSchema = z.string().transform((text, context): Digest => {
  const digest = tryParseDigest(text);
  if (digest) return digest;
  context.addIssue('not a digest');
  return z.NEVER;
});

const documentSchema = z.object({
  layers: z.array(digestSchema).max(mostRecords).optional(),
  records: z
    .array(
      z.object({
        key: digestSchema,
        description: z.string().max(longestDescription),
        createdAt: z.iso.datetime(),
        layer: digestSchema.optional(),
      }),
    )
    .max(mostRecords),
  facts: z
    .array(z.tuple([digestSchema, z.string().max(200)]))
    .max(mostFacts)
    .optional(),
});

/** The value that becomes JSON; sorted, so that the same cache is the same bytes. Inline, without `layers`. */
export function presentCache({ records, facts, layers }: CacheDocument): object {
  return {
    ...(layers.length > 0 && { layers }),
    records: records
      .map(({ key, description, createdAt, diffId }) => ({
        key,
        description: description.slice(0, longestDescription),
        createdAt,
        ...(diffId !== undefined && { layer: diffId }),
      }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    ...(facts.size > 0 && { facts: [...facts].toSorted(([a], [b]) => (a < b ? -1 : 1)) }),
  };
}

/** @param layers of the image, for an inline cache. @throws CorruptError */
export function readCache(value: unknown, layers: readonly Digest[] = []): CacheDocument {
  const read = documentSchema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new CorruptError(`the cache is invalid: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { records, facts = [], layers: own } = read.data;
  return {
    records: records.map(({ layer, ...record }) => ({ ...record, diffId: layer })),
    facts: new Map(facts),
    layers: own ?? layers,
  };
}
