/** Where the hub's blobs are: files of its own, or objects of a store that several copies share. */
import type { ContentStore } from '../../oci/content/content-store.ts';
import { DiskContentStore } from '../../oci/content/disk-content-store.ts';
import type { HubConfig } from '../config.ts';
import type { DirectDownloads } from '../registry/exchange.ts';

export interface Blobs {
  readonly contents: ContentStore;
  readonly directDownloads: DirectDownloads | undefined;
}

export async function openBlobs({ contentDirectory, objectStore }: HubConfig): Promise<Blobs> {
  if (!objectStore) return { contents: new DiskContentStore(contentDirectory), directDownloads: undefined };
  // A hub on one machine loads no client.
  const { S3Client } = await import('./s3-client.ts');
  const { S3ContentStore } = await import('./s3-content-store.ts');
  const contents = new S3ContentStore(new S3Client(objectStore));
  return { contents, directDownloads: objectStore.downloads === 'redirect' ? contents : undefined };
}
