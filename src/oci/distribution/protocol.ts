/**
 * The words of the distribution protocol that both sides speak: paths, headers, error codes.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import type { Digest } from '../image/digest.ts';

export const contentDigestHeader = 'Docker-Content-Digest';
export const uploadIdHeader = 'Docker-Upload-UUID';
/** Old clients want it on every answer. */
export const apiVersionHeader = 'Docker-Distribution-Api-Version';
export const apiVersion = 'registry/2.0';

/** What the path of a registry's route names. `path` is the repository's, as in its URL. */
export const registryPaths = {
  base: '/v2/',
  manifest: (path: string, reference: string): string => `/v2/${path}/manifests/${reference}`,
  blob: (path: string, digest: Digest): string => `/v2/${path}/blobs/${digest}`,
  uploads: (path: string): string => `/v2/${path}/blobs/uploads/`,
  tags: (path: string): string => `/v2/${path}/tags/list`,
} as const;

export type WireErrorCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'TAG_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  | 'RANGE_INVALID'
  | 'PAGINATION_NUMBER_INVALID'
  | 'UNAVAILABLE'
  | 'UNKNOWN';

/** One member of `{"errors":[…]}`. A client may meet codes that this list lacks. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}
