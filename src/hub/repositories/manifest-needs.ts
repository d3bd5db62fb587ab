/** What has to be in a manifest's repository for it to be whole, as its bytes say. */
import type { Digest } from '../../oci/image/digest.ts';
import type { Manifest } from '../../oci/image/manifest.ts';
import { isNonDistributable } from '../../oci/image/media-type.ts';

export interface ManifestNeeds {
  /** Config and layers, but those that come from elsewhere. */
  readonly blobs: readonly Digest[];
  /** Of an index. */
  readonly manifests: readonly Digest[];
  /** What it says something about; that need not be there. */
  readonly subject: Digest | undefined;
}

export function needsOf(manifest: Manifest): ManifestNeeds {
  if (manifest.kind === 'index') {
    const { manifests, subject } = manifest.index;
    return { blobs: [], manifests: manifests.map(({ digest }) => digest), subject: subject?.digest };
  }
  const { config, layers, subject } = manifest.image;
  const blobs = [config, ...layers].filter(({ mediaType }) => !isNonDistributable(mediaType));
  return { blobs: blobs.map(({ digest }) => digest), manifests: [], subject: subject?.digest };
}
