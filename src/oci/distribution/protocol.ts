/**
 * The words of the distribution protocol that both sides speak: paths, headers, error codes.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import type { Digest } from '../image/digest.ts';

export const contentDigestHeader = 'Docker-Content-Digest';

/** Says that the subject of a manifest was understood: the registry lists referrers. */
export const subjectHeader = 'OCI-Subject';

/** What the path of a registry's route names. `path` is the repository's, as in its URL. */
export const registryPaths = {
  base: '/v2/',
  manifest: (path: string, reference: string): string => `/v2/${path}/manifests/${reference}`,
  blob: (path: string, digest: Digest): string => `/v2/${path}/blobs/${digest}`,
  referrers: (path: string, digest: Digest): string => `/v2/${path}/referrers/${digest}`,
  uploads: (path: string): string => `/v2/${path}/blobs/uploads/`,
  tags: (path: string): string => `/v2/${path}/tags/list`,
} as const;

/** One member of `{"errors":[…]}`. A client may meet codes that this list lacks. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}
