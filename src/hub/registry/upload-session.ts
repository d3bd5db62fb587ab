/**
 * Upload sessions. A session is its ingest: there from the first POST until it is a blob, is cancelled, or nobody has gone on with
 * it for a day. It is known by its id alone, which says whose it is beside 122 random bits: one that was changed names no ingest.
 */
import type { ContentStore } from '../../oci/content/content-store.ts';

export interface UploadSession {
  readonly id: string;
  readonly repositoryId: number;
  readonly accountId: number;
}

/** Without a byte. */
const maxAge = 24 * 3600_000;
const idPattern = /^[0-9a-f-]{36}-([1-9]\d{0,15})-([1-9]\d{0,15})$/;

export function newUploadSession(repositoryId: number, accountId: number): UploadSession {
  return { id: `${crypto.randomUUID()}-${repositoryId}-${accountId}`, repositoryId, accountId };
}

/** Undefined when it is no session's id; whether there is (still) a session of that id is for the content store to say. */
export function parseUploadId(id: string): UploadSession | undefined {
  const [, repositoryId, accountId] = idPattern.exec(id) ?? [];
  if (repositoryId === undefined || accountId === undefined) return undefined;
  return { id, repositoryId: Number(repositoryId), accountId: Number(accountId) };
}

/** Forgets uploads that nobody goes on with, with their bytes. */
export function sweepUploads(
  { contents }: { readonly contents: ContentStore },
  before = new Date(Date.now() - maxAge),
): Promise<void> {
  return contents.sweepIngests(before);
}
