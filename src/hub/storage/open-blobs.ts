/** Where the hub's blobs are: files of its own, or objects of a store that several copies share. */
import { stat } from 'node:fs/promises';
import type { Registry } from 'prom-client';
import type { ContentStore } from '../../oci/content/content-store.ts';
import { DiskContentStore } from '../../oci/content/disk-content-store.ts';
import type { HubConfig } from '../config.ts';
import type { DirectDownloads } from '../registry/exchange.ts';
import { StoreWatch } from './store-watch.ts';

export interface Blobs {
  readonly contents: ContentStore;
  readonly directDownloads: DirectDownloads | undefined;
  /** Within a few seconds. @throws whatever keeps the blobs from being read. */
  readonly checkBlobs: () => Promise<void>;
}

/** No object has this name: the store only has to say so. */
const probe = 'ready';
/** In milliseconds. */
const probeTimeout = 3000;

export async function openBlobs(
  { contentDirectory, objectStore }: HubConfig,
  metrics?: Registry,
): Promise<Blobs> {
  if (!objectStore) {
    const checkBlobs = async (): Promise<void> => void (await stat(contentDirectory));
    return { contents: new DiskContentStore(contentDirectory), directDownloads: undefined, checkBlobs };
  }
  // A hub on one machine loads no client.
  const { S3Client } = await import('./s3-client.ts');
  const { S3ContentStore } = await import('./s3-content-store.ts');
  const client = new S3Client(objectStore, metrics && new StoreWatch(metrics));
  const contents = new S3ContentStore(client);
  return {
    contents,
    directDownloads: objectStore.downloads === 'redirect' ? contents : undefined,
    checkBlobs: async () => void (await client.find('GET', probe, { attempts: 1, timeout: probeTimeout })),
  };
}
