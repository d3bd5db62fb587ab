/**
 * Manifests and indexes, OCI's and Docker's schema 2. The raw bytes are kept as received; this is a reading of them.
 * https://github.com/opencontainers/image-spec/blob/main/manifest.md and image-index.md
 */
import { z } from 'zod';
import { CorruptError } from '../../lib/errors.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, tryParseDigest } from './digest.ts';
import { isIndex, mediaTypes } from './media-type.ts';

/** The distribution spec asks registries to take at least 4 MiB. */
export const maxManifestSize = 4 * 1024 * 1024;

const platformSchema = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  'os.version': z.string().optional(),
  'os.features': z.array(z.string()).optional(),
});

const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: z.string().transform((text, context): Digest => {
    const digest = tryParseDigest(text);
    if (digest) return digest;
    context.addIssue('not a digest');
    return z.NEVER;
  }),
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: platformSchema.optional(),
  artifactType: z.string().optional(),
}) as unknown as z.ZodType<Descriptor>;

const imageManifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
  subject: descriptorSchema.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

const indexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  manifests: z.array(descriptorSchema),
  subject: descriptorSchema.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

export type ImageManifest = z.infer<typeof imageManifestSchema>;
export type ImageIndex = z.infer<typeof indexSchema>;

export type Manifest =
  | { readonly kind: 'image'; readonly mediaType: string; readonly image: ImageManifest }
  | { readonly kind: 'index'; readonly mediaType: string; readonly index: ImageIndex };

/**
 * Reads the bytes of a manifest that came (or is sent) with this Content-Type.
 * A body that is both image and index, or that contradicts its Content-Type, is refused: CVE-2021-41190.
 * @throws CorruptError telling what is wrong.
 */
export function parseManifest(bytes: Uint8Array, contentType: string): Manifest {
  const value = parseObject(bytes);
  if ('layers' in value && 'manifests' in value)
    throw new CorruptError('manifest holds both layers and manifests');
  const declared = value['mediaType'];
  const mediaType = contentType || (typeof declared === 'string' ? declared : guess(value));
  if (declared !== undefined && declared !== mediaType) {
    throw new CorruptError(
      `manifest says mediaType ${JSON.stringify(declared)} but came as ${JSON.stringify(mediaType)}`,
    );
  }
  if (isIndex(mediaType)) return { kind: 'index', mediaType, index: read(indexSchema, value) };
  if (mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest) {
    return { kind: 'image', mediaType, image: read(imageManifestSchema, value) };
  }
  throw new CorruptError(`manifest media type ${JSON.stringify(mediaType)} is not supported`);
}

/** One entry of an index by itself. @throws CorruptError */
export function parseDescriptor(text: string): Descriptor {
  return read(descriptorSchema, parseObject(new TextEncoder().encode(text)), 'descriptor');
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new CorruptError('manifest is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CorruptError('manifest is not a JSON object');
  requireOneReading(text);
  return value as Record<string, unknown>;
}

const fields = ['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'manifests', 'subject'];
const byLowerCase = new Map(fields.map((field) => [field.toLowerCase(), field]));

/** Parsers differ: some take the first of two equal names, some take `Layers` for `layers`. Then one digest would be two images. */
function requireOneReading(text: string): void {
  const seen = new Set<string>();
  for (const name of outerNames(text)) {
    const field = byLowerCase.get(name.toLowerCase());
    if (field === undefined) continue;
    if (name !== field) throw new CorruptError(`manifest says ${JSON.stringify(name)} for ${field}`);
    if (seen.has(name)) throw new CorruptError(`manifest says ${name} twice`);
    seen.add(name);
  }
}

/** The names in the outermost object of a text that is JSON. */
function* outerNames(text: string): Generator<string, void, undefined> {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && token.endsWith(':')) yield JSON.parse(token.slice(0, -1)) as string;
  }
}

function guess(value: Record<string, unknown>): string {
  return 'manifests' in value ? mediaTypes.ociIndex : mediaTypes.ociManifest;
}

function read<T>(schema: z.ZodType<T>, value: unknown, what = 'manifest'): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new CorruptError(`${what} is invalid: ${issue?.path.join('.')}: ${issue?.message}`);
}
