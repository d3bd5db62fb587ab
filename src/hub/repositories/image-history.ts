/** An image's layers with the commands that made them: manifest and config read together. Derived each time, never stored. */
import { CorruptError, NotFoundError } from '../../lib/errors.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import { readBlob } from '../../oci/content/read-blob.ts';
import type { Digest } from '../../oci/image/digest.ts';
import {
  type History,
  type ImageConfig,
  maxConfigSize,
  parseImageConfig,
} from '../../oci/image/image-config.ts';
import { parseManifest } from '../../oci/image/manifest.ts';
import type { ManifestStore } from './manifest-store.ts';

interface Layer {
  readonly digest: Digest;
  readonly size: number;
}

export interface HistoryStep {
  /** Undefined for a step that changed no file. */
  readonly layer: Layer | undefined;
  readonly history: History | undefined;
}

export interface ImageHistory {
  readonly configDigest: Digest;
  readonly steps: readonly HistoryStep[];
  /** Undefined of an artifact, and where it cannot be read. */
  readonly config: ImageConfig | undefined;
}

/** Undefined when the digest is no image of the repository. */
export async function readImageHistory(
  { manifests, contents }: { readonly manifests: ManifestStore; readonly contents: ContentStore },
  repositoryId: number,
  digest: Digest,
): Promise<ImageHistory | undefined> {
  const stored = await manifests.get(repositoryId, { digest });
  const manifest = stored && parseManifest(stored.bytes, stored.media_type);
  if (manifest?.kind !== 'image') return undefined;
  const { config: described, layers } = manifest.image;
  const config = await readConfig(contents, described);
  return { configDigest: described.digest, steps: pair(layers, config?.history ?? []), config };
}

/** An artifact's config, a hostile one or one too large tells nothing. */
async function readConfig(contents: ContentStore, config: Layer): Promise<ImageConfig | undefined> {
  try {
    const info = await contents.stat(config.digest);
    if (!info || info.size > maxConfigSize) return undefined;
    return parseImageConfig(await readBlob(contents, config.digest));
  } catch (error) {
    if (error instanceof CorruptError || error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** Of a history; more than any build has. */
const maxSteps = 1000;

/** Steps that are not `empty_layer` take one layer each, bottom first. Layers left over come without a history. */
function pair(layers: readonly Layer[], history: readonly History[]): HistoryStep[] {
  const rest = layers.map(({ digest, size }) => ({ digest, size }));
  const steps: HistoryStep[] = history.slice(0, maxSteps).map((step) => ({
    layer: step.empty_layer ? undefined : rest.shift(),
    history: step,
  }));
  return [...steps, ...rest.map((layer) => ({ layer, history: undefined }))];
}
