/** For the tests of this folder: a store in a directory of its own, that is gone with all its mounts afterwards. */
import { Database } from 'bun:sqlite';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { chainIds } from '../../oci/image/image-config.ts';
import type { Ground } from './ground.ts';
import { OverlaySnapshotStore } from './overlay.ts';
import { snapshotSchema, snapshotSyncSchema } from './snapshot-table.ts';

export class SnapshotFixture implements AsyncDisposable {
  readonly directory: string;
  readonly database: Database;
  store: OverlaySnapshotStore;

  private constructor(directory: string) {
    this.directory = directory;
    this.database = new Database(':memory:', { strict: true });
    this.database.run(snapshotSchema);
    this.database.run(snapshotSyncSchema);
    this.store = this.open();
  }

  static async make(): Promise<SnapshotFixture> {
    return new SnapshotFixture(await mkdtemp(join(tmpdir(), 'layers-snapshots-')));
  }

  get root(): string {
    return join(this.directory, 'snapshots');
  }

  /** As a new engine would, over what the last one left. Roots show layers alone: without mountpoints under them. */
  open(ground: Ground = { directories: [], files: [], links: {} }, boot = 'this boot'): OverlaySnapshotStore {
    const self = [process.execPath, join(import.meta.dir, '../../bin/cais.ts')];
    return new OverlaySnapshotStore({ root: this.root, database: this.database, self, ground, boot });
  }

  /** Unpacks and commits a layer. @returns its chain ID. */
  async add(archive: Uint8Array | string, parent?: Digest): Promise<Digest> {
    const bytes = typeof archive === 'string' ? await readFile(archive) : archive;
    const diffId = digestOf(bytes);
    const layer = await this.store.unpack({ diffId, stream: new Blob([Uint8Array.from(bytes)]).stream() });
    await layer.commit(parent);
    return chainIds(parent === undefined ? [diffId] : [parent, diffId]).at(-1) ?? diffId;
  }

  /** A mounted container over the chain. */
  async mounted(id: string, chainId: Digest | undefined): Promise<string> {
    await this.store.prepare(id, chainId);
    return this.store.mount(id);
  }

  /** The container's changes as archive. */
  async diff(id: string): Promise<Uint8Array> {
    return new Response(this.store.diff(id).tar).bytes();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.recover(new Set());
    await this.store[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
  }
}
