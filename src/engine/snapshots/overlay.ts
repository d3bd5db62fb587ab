/**
 * Snapshots on overlayfs. `l/<name>` is a layer's directory, `c/<name>/{u,w,m}` a container's writable directory,
 * overlayfs' work space and the mount point, `g` the ground under all of them. Rows in the database say what they are: a
 * directory without a row is litter that recover() sweeps.
 * Layers reach the disk behind everybody's back, too: a row says so until they have, and containers wait for it. One that
 * had not when the machine went down is forgotten, and unpacked again from its blob.
 */
import type { Database } from 'bun:sqlite';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from '../../lib/atomic-file.ts';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { chainIds } from '../../oci/image/image-config.ts';
import { changeMode, changeOwner, changeTimes, statFile, syncFilesystem } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { beginAdoption, isUntouched } from './adopt.ts';
import { diffAnswer, type DiffJob, layerOf, outputOf, startChild } from './diff.ts';
import { makeDirectoryWithMode, SnapshotDirectories } from './directories.ts';
import { type Ground, makeGround, mountpoints } from './ground.ts';
import { detachOverlay, isMounted, maxDepth, mountOverlay } from './overlay-mount.ts';
import { RootHolds } from './root-holds.ts';
import { settleLayer } from './settle-layer.ts';
import type {
  Adoption,
  Change,
  ContainerDiff,
  HeldRoot,
  LayerChangesOptions,
  LayersUse,
  LayerToUnpack,
  PrepareOptions,
  SnapshotLayer,
  SnapshotStore,
  UnpackedLayer,
} from './snapshot-store.ts';
import { type ContainerRow, type LayerRow, SnapshotTable } from './snapshot-table.ts';
import { type UnpackedFiles, unpackLayer } from './unpack.ts';

export interface OverlaySnapshotStoreOptions {
  /** The directory of all layers and containers, made when absent; not on an overlay itself. */
  readonly root: string;
  /** Has `snapshotSchema`. */
  readonly database: Database;
  /** The argv that starts this very program, for the children that unpack and diff. */
  readonly self: readonly string[];
  /** What lies under every container's layers; the runtime's mountpoints unless told. */
  readonly ground?: Ground;
  /** This boot of the machine; asked of the kernel unless told. */
  readonly boot?: string;
}

export class OverlaySnapshotStore implements SnapshotStore, AsyncDisposable {
  readonly #root: string;
  readonly #table: SnapshotTable;
  readonly #self: readonly string[];
  readonly #boot: string;
  readonly #directories: SnapshotDirectories;
  /** Layers on their way to the disk. */
  readonly #syncing = new Map<Digest, Promise<void>>();
  readonly #holds = new RootHolds();
  /** Containers whose files need not reach the disk. */
  readonly #temporary = new Set<string>();
  /** Without the ground below them. */
  readonly #bare = new Set<string>();
  /** By container's directory: mounts that are out of the tree and not yet at their end. */
  readonly #ending = new Map<string, Promise<void>>();

  constructor({ root, database, self, ground = mountpoints, boot = bootId() }: OverlaySnapshotStoreOptions) {
    this.#root = root;
    this.#boot = boot;
    this.#table = new SnapshotTable(database);
    this.#self = self;
    this.#directories = new SnapshotDirectories(root);
    makeGround(join(root, 'g'), ground);
  }

  hasLayer(chainId: Digest): boolean {
    return this.#table.layer(chainId) !== undefined;
  }

  layersUse(): LayersUse {
    return this.#table.layersUse();
  }

  async unpack(layer: LayerToUnpack): Promise<UnpackedLayer> {
    const name = this.#directories.make('l');
    const directory = this.#directories.path('l', name);
    const abort = () => this.#directories.discard('l', name);
    let files: UnpackedFiles;
    try {
      files = await unpackLayer(this.#self, directory, layer);
    } catch (error) {
      await abort();
      throw error;
    }
    return {
      commit: async (parent) => {
        try {
          const isNew = await this.#commit({ name, diffId: layer.diffId, files, parent });
          if (!isNew) await abort();
        } catch (error) {
          await abort();
          throw error;
        }
      },
      abort,
    };
  }

  /** @returns false when another unpacking of the same layer was faster. */
  async #commit({ name, diffId, files, parent }: Commit): Promise<boolean> {
    const chain = this.#table.chain(parent);
    if (chain.length >= maxDepth) throw new InvalidError('max depth exceeded');
    await settleLayer(this.#directories.path('l', name), files.applied, this.#directoriesOf(chain));
    const chainId = chainIds(parent === undefined ? [diffId] : [parent, diffId]).at(-1) ?? diffId;
    const isNew = this.#table.addLayer({
      chain_id: chainId,
      parent: parent ?? null,
      diff_id: diffId,
      directory: name,
      size: files.applied.size,
      unsynced_since: this.#boot,
    });
    if (isNew) this.#sync(chainId, name, files.onDisk);
    return isNew;
  }

  #sync(chainId: Digest, name: string, onDisk: Promise<void>): void {
    const syncing: Promise<void> = onDisk
      // What was settled since the process synced goes to the file system's journal as well.
      .then(() => syncDirectory(this.#directories.path('l', name)))
      .then(() => {
        this.#table.setSynced(name);
        if (this.#syncing.get(chainId) === syncing) this.#syncing.delete(chainId);
      });
    // Who stands a container on it is told.
    syncing.catch(() => undefined);
    this.#syncing.set(chainId, syncing);
  }

  layersOf(chainId: Digest | undefined): SnapshotLayer[] {
    return this.#table
      .chain(chainId)
      .map(({ diff_id, chain_id, size }) => ({ diffId: diff_id, chainId: chain_id, size }))
      .toReversed();
  }

  layerSize(chainId: Digest): number {
    const row = this.#table.layer(chainId);
    if (!row) throw new NotFoundError(`layer does not exist: ${chainId}`);
    return row.size;
  }

  async removeLayer(chainId: Digest): Promise<void> {
    const row = this.#table.layer(chainId);
    if (!row) return;
    this.#table.removeLayer(chainId);
    this.#syncing.delete(chainId);
    await this.#directories.discard('l', row.directory);
  }

  async prepare(
    id: string,
    chainId: Digest | undefined,
    { isTemporary = false, isBare = false }: PrepareOptions = {},
  ): Promise<void> {
    if (this.#table.container(id)) throw new ConflictError(`container ${id} has a root already`);
    const chain = this.#table.chain(chainId);
    if (isTemporary) this.#temporary.add(id);
    else for (const { chain_id } of chain) await this.#syncing.get(chain_id);
    // An overlay has something below.
    if (isBare && chain.length > 0) this.#bare.add(id);
    const [top] = this.#directoriesOf(chain);
    const name = this.#directories.make('c');
    const upper = this.#directories.path('c', name, 'u');
    try {
      for (const part of ['u', 'w', 'm'])
        makeDirectoryWithMode(this.#directories.path('c', name, part), 0o755);
      if (top !== undefined) copyRootAttributes(top, upper);
      this.#table.addContainer({ id, chain_id: chainId ?? null, directory: name });
    } catch (error) {
      this.#forgetManner(id);
      await this.#directories.discard('c', name);
      throw error;
    }
  }

  #forgetManner(id: string): void {
    this.#temporary.delete(id);
    this.#bare.delete(id);
  }

  mountPoint(id: string): string {
    return this.#mountPoint(this.#container(id));
  }

  async mount(id: string): Promise<string> {
    this.#holds.want(id);
    return await this.#mount(this.#container(id));
  }

  async hold(id: string): Promise<HeldRoot> {
    const row = this.#container(id);
    this.#holds.take(id);
    const release = async (): Promise<void> => {
      if (this.#holds.release(id)) await this.unmount(id);
    };
    try {
      await this.#ending.get(row.directory);
      if (!isMounted(this.#mountPoint(row))) this.#holds.unwant(id);
      return { root: await this.#mount(row), release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #mount(row: ContainerRow): Promise<string> {
    const target = this.#mountPoint(row);
    await this.#ending.get(row.directory);
    if (isMounted(target)) return target;
    const layers = this.#table.chain(row.chain_id ?? undefined).map(({ directory }) => `l/${directory}`);
    mountOverlay({
      root: this.#root,
      lower: this.#bare.has(row.id) ? layers : [...layers, 'g'],
      upper: `c/${row.directory}/u`,
      work: `c/${row.directory}/w`,
      target,
      isVolatile: this.#temporary.has(row.id),
    });
    return target;
  }

  async unmount(id: string): Promise<void> {
    if (!this.#holds.unwant(id)) return;
    const row = this.#table.container(id);
    if (!row) return;
    const detached = detachOverlay(this.#mountPoint(row));
    const ending = detached
      .then((overlay) => overlay?.end())
      .finally(() => {
        if (this.#ending.get(row.directory) === ending) this.#ending.delete(row.directory);
      });
    // Before anything is awaited: who mounts meanwhile must not take the mount that is on its way out for its own.
    this.#ending.set(row.directory, ending);
    ending.catch(() => undefined);
    await detached;
  }

  async remove(id: string): Promise<void> {
    const row = this.#table.container(id);
    if (!row) return;
    this.#forgetManner(id);
    this.#table.removeContainer(id);
    await this.#directories.discard('c', row.directory);
  }

  changes(id: string): Promise<Change[]> {
    const job = this.#diffJob(id);
    return diffAnswer<Change[]>({ ...job, lower: [...job.lower, join(this.#root, 'g')] }, 'changes');
  }

  diff(id: string): ContainerDiff {
    return layerOf(this.#diffJob(id));
  }

  async adopt(id: string, epoch: number | undefined): Promise<Adoption | undefined> {
    const row = this.#container(id);
    await this.unmount(id);
    await this.#ending.get(row.directory);
    if (isMounted(this.#mountPoint(row)))
      throw new ConflictError(`the root of container ${id} is being read`);
    const host = {
      table: this.#table,
      directories: this.#directories,
      boot: this.#boot,
      onLayer: this.#sync.bind(this),
    };
    const job = this.#diffJob(id);
    return isUntouched(job) ? undefined : beginAdoption(host, row, job, epoch);
  }

  layerDirectories(chainId: Digest | undefined): string[] {
    return this.#directoriesOf(this.#table.chain(chainId));
  }

  layerChanges(
    chainId: Digest | undefined,
    { isWhole, limit }: LayerChangesOptions,
  ): ReadableStream<Uint8Array> {
    const layers = this.layerDirectories(chainId);
    return this.#imageChanges(['layers', isWhole ? 'whole' : 'summed', String(limit), ...layers]);
  }

  compare(before: Digest | undefined, after: Digest | undefined): ReadableStream<Uint8Array> {
    const [old, now] = [before, after].map((chainId) => this.layerDirectories(chainId));
    return this.#imageChanges(['compare', String(old?.length), ...(old ?? []), ...(now ?? [])]);
  }

  #imageChanges(task: readonly string[]): ReadableStream<Uint8Array> {
    return outputOf(startChild([...this.#self, '@image-changes', ...task]));
  }

  containerSize(id: string): Promise<number> {
    return diffAnswer<number>(this.#diffJob(id), 'size');
  }

  async recover(containers: ReadonlySet<string>): Promise<void> {
    for (const { id } of this.#table.containers()) if (!containers.has(id)) this.#table.removeContainer(id);
    this.#syncLayers();
    this.#forgetLostLayers();
    await this.#directories.sweep({ c: this.#table.containers(), l: this.#table.layers() });
  }

  /** Waits until what was unpacked is on the disk, and what was removed is gone from it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#syncing.values(), ...this.#ending.values()]);
    await this.#directories[Symbol.asyncDispose]();
  }

  /** Those that the last engine had not seen reach the disk, if the machine has not gone down since. */
  #syncLayers(): void {
    const unsynced = this.#table.layers().filter((row) => row.unsynced_since === this.#boot);
    if (unsynced.length === 0) return;
    syncFilesystem(this.#root);
    for (const { directory } of unsynced) this.#table.setSynced(directory);
  }

  /** Rows whose directory the disk lost, in part or whole, with the last moments before the machine went down. */
  #forgetLostLayers(): void {
    const lost = this.#table
      .layers()
      .filter((row) => row.unsynced_since !== null || !exists(this.#directories.path('l', row.directory)));
    for (const { chain_id } of lost) this.#table.forgetLayer(chain_id);
  }

  #container(id: string): ContainerRow {
    const row = this.#table.container(id);
    if (!row) throw new NotFoundError(`container ${id} has no root file system`);
    return row;
  }

  #mountPoint({ directory }: ContainerRow): string {
    return this.#directories.path('c', directory, 'm');
  }

  #directoriesOf(chain: readonly LayerRow[]): string[] {
    return chain.map(({ directory }) => this.#directories.path('l', directory));
  }

  #diffJob(id: string): DiffJob {
    const row = this.#container(id);
    return {
      self: this.#self,
      upper: this.#directories.path('c', row.directory, 'u'),
      lower: this.#directoriesOf(this.#table.chain(row.chain_id ?? undefined)),
    };
  }
}

interface Commit {
  readonly name: string;
  readonly diffId: Digest;
  readonly files: UnpackedFiles;
  readonly parent: Digest | undefined;
}

/** The root that a container sees is the upper directory's: it has to look like the image's. */
function copyRootAttributes(from: string, to: string): void {
  const stat = statFile(AT_FDCWD, from);
  changeOwner(to, stat.uid, stat.gid);
  changeMode(to, stat.mode & 0o7777);
  changeTimes(to, stat.mtime);
}

/** https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html (random) */
function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
