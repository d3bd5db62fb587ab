/**
 * manifest.json, the table of contents of `docker save` since 1.10. Paths are those of members of the archive.
 * https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
import { z } from 'zod';
import type { Descriptor } from '../../../oci/image/descriptor.ts';

export interface DockerManifestEntry {
  readonly Config: string;
  /** Repository and tag, as people see them; null for an image without a name. */
  readonly RepoTags: readonly string[] | null;
  /** Bottom first. */
  readonly Layers: readonly string[];
  /** What holds each layer, by diff ID. */
  readonly LayerSources?: Readonly<Record<string, Descriptor>>;
}

/** What is read of it: the rest is for others. */
export const dockerManifestSchema = z
  .array(
    z.looseObject({
      Config: z.string(),
      RepoTags: z.array(z.string()).nullish(),
      Layers: z.array(z.string()).nullish(),
    }),
  )
  .max(1000);

/** Annotations of an index's entries that hold names. */
export const nameAnnotations = {
  /** containerd's: the whole name. */
  full: 'io.containerd.image.name',
  /** OCI's: a tag, or with some tools a whole name. */
  tag: 'org.opencontainers.image.ref.name',
} as const;
