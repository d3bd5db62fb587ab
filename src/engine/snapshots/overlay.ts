/**
 * Snapshots on overlayfs. `l/<name>` is a layer's directory, `c/<name>/{u,w,m}` a container's writable directory,
 * overlayfs' work space and the mount point, `g` the ground under all of them. Names are short, rows in the database say what they are: a directory
 * without a row is litter that recover() sweeps. Removing is renaming to `t/`, deleted behind everybody's back.
 */
import type { Database } from 'bun:sqlite';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../lib/atomic-file.ts';
import { ConflictError, InvalidError, NotFoundError, errnoOf } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { chainIds } from '../../oci/image/image-config.ts';
import { changeMode, changeOwner, changeTimes, makeDirectory, statFile } from '../linux/file.ts';
import { spreadDirectories } from '../linux/inode-flags.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import type { AppliedLayer } from './apply-layer.ts';
import { diffAnswer, type DiffJob, diffStream } from './diff.ts';
import { type Ground, makeGround, mountpoints } from './ground.ts';
import { type DetachedOverlay, detachOverlay, isMounted, maxDepth, mountOverlay } from './overlay-mount.ts';
import { settleLayer } from './settle-layer.ts';
import type { Change, LayerToUnpack, SnapshotStore, UnpackedLayer } from './snapshot-store.ts';
import { type ContainerRow, type LayerRow, SnapshotTable } from './snapshot-table.ts';
import { unpackLayer } from './unpack.ts';

export interface OverlaySnapshotStoreOptions {
  /** The directory of all layers and containers, made when absent; not on an overlay itself. */
  readonly root: string;
  /** Has `snapshotSchema`. */
  readonly database: Database;
  /** The argv that starts this very program, for the children that unpack and diff. */
  readonly self: readonly string[];
  /** What lies under every container's layers; the runtime's mountpoints unless told. */
  readonly ground?: Ground;
}

export class OverlaySnapshotStore implements SnapshotStore, AsyncDisposable {
  readonly #root: string;
  readonly #table: SnapshotTable;
  readonly #self: readonly string[];
  /** Deletions under way. */
  readonly #reaping = new Set<Promise<void>>();
  /** By container's directory: mounts that are out of the tree and not yet at their end. */
  readonly #ending = new Map<string, Promise<void>>();

  constructor({ root, database, self, ground = mountpoints }: OverlaySnapshotStoreOptions) {
    this.#root = root;
    this.#table = new SnapshotTable(database);
    this.#self = self;
    for (const name of ['l', 'c', 't']) mkdirSync(join(root, name), { recursive: true, mode: 0o711 });
    // A layer is thousands of files at once, and often follows the removal of another.
    spreadDirectories(join(root, 'l'));
    makeGround(join(root, 'g'), ground);
  }

  hasLayer(chainId: Digest): boolean {
    return this.#table.layer(chainId) !== undefined;
  }

  async unpack(layer: LayerToUnpack): Promise<UnpackedLayer> {
    const name = this.#makeDirectory('l');
    const directory = join(this.#root, 'l', name);
    const abort = () => this.#discard('l', name);
    let applied: AppliedLayer;
    try {
      applied = await unpackLayer(this.#self, directory, layer);
    } catch (error) {
      await abort();
      throw error;
    }
    return {
      commit: async (parent) => {
        try {
          const isNew = await this.#commit({ name, diffId: layer.diffId, applied, parent });
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
  async #commit({ name, diffId, applied, parent }: Commit): Promise<boolean> {
    const chain = this.#table.chain(parent);
    if (chain.length >= maxDepth) throw new InvalidError('max depth exceeded');
    const directory = join(this.#root, 'l', name);
    await settleLayer(directory, applied, this.#directoriesOf(chain));
    // The child synced all it wrote; this puts what was settled since into the file system's journal as well.
    await syncDirectory(directory);
    return this.#table.addLayer({
      chain_id: chainIds(parent === undefined ? [diffId] : [parent, diffId]).at(-1) ?? diffId,
      parent: parent ?? null,
      diff_id: diffId,
      directory: name,
      size: applied.size,
    });
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
    await this.#discard('l', row.directory);
  }

  async prepare(id: string, chainId: Digest | undefined): Promise<void> {
    if (this.#table.container(id)) throw new ConflictError(`container ${id} has a root already`);
    const [top] = this.#directoriesOf(this.#table.chain(chainId));
    const name = this.#makeDirectory('c');
    const upper = join(this.#root, 'c', name, 'u');
    try {
      for (const part of ['u', 'w', 'm']) makeDirectoryWithMode(join(this.#root, 'c', name, part), 0o755);
      if (top !== undefined) copyRootAttributes(top, upper);
      this.#table.addContainer({ id, chain_id: chainId ?? null, directory: name });
    } catch (error) {
      await this.#discard('c', name);
      throw error;
    }
  }

  async mount(id: string): Promise<string> {
    const row = this.#container(id);
    const target = this.#mountPoint(row);
    await this.#ending.get(row.directory);
    if (isMounted(target)) return target;
    const layers = this.#table.chain(row.chain_id ?? undefined).map(({ directory }) => `l/${directory}`);
    mountOverlay({
      root: this.#root,
      lower: [...layers, 'g'],
      upper: `c/${row.directory}/u`,
      work: `c/${row.directory}/w`,
      target,
    });
    return target;
  }

  async unmount(id: string): Promise<void> {
    const row = this.#table.container(id);
    const detached = row && (await detachOverlay(this.#mountPoint(row)));
    if (!detached) return;
    const ending = detached.end().finally(() => this.#ending.delete(row.directory));
    this.#ending.set(row.directory, ending);
  }

  async remove(id: string): Promise<void> {
    const row = this.#table.container(id);
    if (!row) return;
    this.#table.removeContainer(id);
    await this.#discard('c', row.directory);
  }

  changes(id: string): Promise<Change[]> {
    const job = this.#diffJob(id);
    return diffAnswer<Change[]>({ ...job, lower: [...job.lower, join(this.#root, 'g')] }, 'changes');
  }

  diff(id: string): ReadableStream<Uint8Array> {
    return diffStream(this.#diffJob(id));
  }

  containerSize(id: string): Promise<number> {
    return diffAnswer<number>(this.#diffJob(id), 'size');
  }

  async recover(containers: ReadonlySet<string>): Promise<void> {
    for (const { id } of this.#table.containers()) if (!containers.has(id)) this.#table.removeContainer(id);
    this.#forgetLostLayers();
    await this.#sweep('c', this.#table.containers());
    await this.#sweep('l', this.#table.layers());
    for (const name of readdirSync(join(this.#root, 't'))) this.#reap(name);
  }

  /** Waits until what was removed is gone from the disk as well. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#reaping, ...this.#ending.values()]);
  }

  /** Rows whose directory the disk lost together with the last moments before a power cut. */
  #forgetLostLayers(): void {
    const lost = this.#table.layers().filter(({ directory }) => !exists(join(this.#root, 'l', directory)));
    for (const { chain_id } of lost) this.#table.forgetLayer(chain_id);
  }

  async #sweep(kind: Kind, rows: readonly { readonly directory: string }[]): Promise<void> {
    const known = new Set(rows.map(({ directory }) => directory));
    for (const name of readdirSync(join(this.#root, kind)))
      if (!known.has(name)) await this.#discard(kind, name);
  }

  #container(id: string): ContainerRow {
    const row = this.#table.container(id);
    if (!row) throw new NotFoundError(`container ${id} has no root file system`);
    return row;
  }

  #mountPoint({ directory }: ContainerRow): string {
    return join(this.#root, 'c', directory, 'm');
  }

  #directoriesOf(chain: readonly LayerRow[]): string[] {
    return chain.map(({ directory }) => join(this.#root, 'l', directory));
  }

  #diffJob(id: string): DiffJob {
    const row = this.#container(id);
    return {
      self: this.#self,
      upper: join(this.#root, 'c', row.directory, 'u'),
      lower: this.#directoriesOf(this.#table.chain(row.chain_id ?? undefined)),
    };
  }

  /** A new directory under a short name that nothing else has. */
  #makeDirectory(kind: Kind): string {
    for (;;) {
      const name = Math.floor(Math.random() * 36 ** 6).toString(36);
      try {
        makeDirectoryWithMode(join(this.#root, kind, name), kind === 'l' ? 0o755 : 0o711);
        return name;
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
      }
    }
  }

  /** Out of sight at once, off the disk later. Idempotent. */
  async #discard(kind: Kind, name: string): Promise<void> {
    const from = join(this.#root, kind, name);
    const detached = kind === 'c' ? await detachOverlay(join(from, 'm')) : undefined;
    const trash = `${kind}-${name}-${crypto.randomUUID()}`;
    try {
      await rename(from, join(this.#root, 't', trash));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return;
      throw error;
    }
    this.#reap(trash, detached);
  }

  /** Deletes first: what is gone needs not be synced when the mount ends. */
  #reap(name: string, detached?: DetachedOverlay): void {
    const path = join(this.#root, 't', name);
    const reaping = rm(path, { recursive: true, force: true })
      .catch(() => undefined)
      .then(() => detached?.end())
      .finally(() => this.#reaping.delete(reaping));
    this.#reaping.add(reaping);
  }
}

type Kind = 'l' | 'c';

interface Commit {
  readonly name: string;
  readonly diffId: Digest;
  readonly applied: AppliedLayer;
  readonly parent: Digest | undefined;
}

/** Containers see these modes: the engine's umask has no say. */
function makeDirectoryWithMode(path: string, mode: number): void {
  makeDirectory(path, mode);
  changeMode(path, mode);
}

/** The root that a container sees is the upper directory's: it has to look like the image's. */
function copyRootAttributes(from: string, to: string): void {
  const stat = statFile(AT_FDCWD, from);
  changeOwner(to, stat.uid, stat.gid);
  changeMode(to, stat.mode & 0o7777);
  changeTimes(to, stat.mtime);
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
