/** Where the hub's blobs are: files of its own, or objects of a store that several copies share. */
import type { ContentStore } from '../../oci/content/content-store.ts';
import { DiskContentStore } from '../../oci/content/disk-content-store.ts';
import type { HubConfig } from '../config.ts';
import type { DirectDownloads } from '../registry/exchange.ts';
import { S3Client } from './s3-client.ts';
import { S3ContentStore } from './s3-content-store.ts';

export interface Blobs {
  readonly contents: ContentStore;
  readonly directDownloads: DirectDownloads | undefined;
}

export function openBlobs({ contentDirectory, objectStore }: HubConfig): Blobs {
  if (!objectStore) return { contents: new DiskContentStore(contentDirectory), directDownloads: undefined };
  const contents = new S3ContentStore(new S3Client(objectStore));
  return { contents, directDownloads: objectStore.downloads === 'redirect' ? contents : undefined };
}
