/** The machine's static busybox as an image, put straight into an engine's stores: tests of containers need no registry. */
import { join } from 'node:path';
import { openEngineDatabase } from '../../src/engine/database.ts';
import { ImageStore } from '../../src/engine/images/image-store.ts';
import { OverlaySnapshotStore } from '../../src/engine/snapshots/overlay.ts';
import { DiskContentStore } from '../../src/oci/content/disk-content-store.ts';
import { digestOf } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { hostPlatform } from '../../src/oci/image/platform.ts';
import { parseReference } from '../../src/oci/image/reference.ts';
import { busyboxRoot } from './busybox-root.ts';
import { testSelf } from '../../src/hub/testing/test-self.ts';

/** Adds `busybox:latest`. @param dataDirectory the engine's own; no engine may be running on it. */
export async function addBusyboxImage(dataDirectory: string): Promise<void> {
  const tar = await busyboxRoot();
  const diffId = digestOf(tar);
  const contents = new DiskContentStore(join(dataDirectory, 'content'));
  using database = openEngineDatabase(join(dataDirectory, 'engine.db'));
  await using snapshots = new OverlaySnapshotStore({
    root: join(dataDirectory, 'overlay'),
    database,
    self: testSelf,
  });
  const ingest = await contents.ingest('busybox');
  await ingest.write(tar);
  await ingest.commit({ digest: diffId, size: tar.length });
  const layer = await snapshots.unpack({ diffId, stream: new Blob([Uint8Array.from(tar)]).stream() });
  await layer.commit(undefined);
  new ImageStore({ database, contents, snapshots }).put({
    configBytes: new TextEncoder().encode(JSON.stringify(busyboxConfig(diffId))),
    layers: [
      {
        diffId,
        size: tar.length,
        blob: { mediaType: mediaTypes.ociLayer, digest: diffId, size: tar.length },
      },
    ],
    references: [parseReference('busybox:latest')],
  });
}

/** The configuration of an image of that one layer. */
export function busyboxConfig(diffId: string): object {
  return {
    ...hostPlatform(),
    created: '2026-01-01T00:00:00Z',
    config: { Env: ['PATH=/bin:/sbin:/usr/bin'], Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created: '2026-01-01T00:00:00Z', created_by: 'busybox' }],
  };
}
