/**
 * A directory of the client's in which a build keeps its cache: an OCI image layout, lent over connections that the client
 * opens and that wait at the engine. Each takes one request, a line of JSON, and its answer, another one.
 */
import type { Descriptor } from '../oci/image/descriptor.ts';
import type { Digest } from '../oci/image/digest.ts';

export type DirectoryRequest =
  /** Is the blob there? Answered with its size. */
  | { readonly kind: 'stat'; readonly digest: Digest }
  /** Answered with the size of the whole blob; the bytes from `offset` on follow. */
  | { readonly kind: 'read'; readonly digest: Digest; readonly offset: number }
  /** So many bytes follow; answered when they are a blob. */
  | { readonly kind: 'write'; readonly digest: Digest; readonly size: number }
  /** The manifest gets the name in index.json, in place of the one that had it. */
  | { readonly kind: 'tag'; readonly manifest: Descriptor; readonly tag: string };

export interface DirectoryAnswer {
  /** Undefined for a blob that is not there. */
  readonly size?: number;
  /** Why it could not be done. */
  readonly error?: string;
}

export function encodeLine(value: DirectoryRequest | DirectoryAnswer): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
