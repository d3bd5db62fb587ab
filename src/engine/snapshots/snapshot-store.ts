/**
 * Root file systems. A layer is unpacked once into a directory of its own, named by its chain ID; a container gets a
 * writable directory over its image's chain. The one implementation is overlay.ts.
 */
import type { Digest } from '../../oci/image/digest.ts';

/** Docker's kinds of change: 0 modified, 1 added, 2 deleted (`GET /containers/{id}/changes`). */
export type ChangeKind = 0 | 1 | 2;

export interface Change {
  /** Absolute, in the container's root. */
  readonly path: string;
  readonly kind: ChangeKind;
}

export interface LayerChangesOptions {
  /** Every path; else a directory that came as a whole is one change. */
  readonly isWhole: boolean;
  /** Changes of a layer beyond this are only counted. */
  readonly limit: number;
}

export interface LayerToUnpack {
  readonly diffId: Digest;
  /** The blob's bytes, compressed or not (found out by magic number): gzip, zstd or plain tar. */
  readonly stream: ReadableStream<Uint8Array>;
}

export interface SnapshotLayer {
  readonly diffId: Digest;
  readonly chainId: Digest;
  /** In bytes, as docker counts an image's size. */
  readonly size: number;
}

/** A container's changes as a layer: an uncompressed tar, whiteouts in the OCI form. */
export interface ContainerDiff {
  readonly tar: ReadableStream<Uint8Array>;
  /** Bytes of files and links, known when the tar has ended. */
  readonly size: Promise<number>;
}

/** A container's root on its way to become a layer. Until `commit` it may be removed like any other. */
export interface Adoption {
  /** What it stands on. */
  readonly parent: Digest | undefined;
  /** Read once, to its end, before `commit`. */
  readonly diff: ContainerDiff;
  /** The writable directory becomes the layer's, and the container has no root any more. @param diffId the tar's digest. */
  readonly commit: (diffId: Digest) => Promise<void>;
}

export interface PrepareOptions {
  /** It need not outlive a crash: nobody waits for the disk, neither here nor in the container. */
  readonly isTemporary?: boolean | undefined;
  /** The layers' files alone, without the mountpoints that a container needs. */
  readonly isBare?: boolean | undefined;
}

export interface LayersUse {
  readonly count: number;
  /** Of their files, unpacked. */
  readonly bytes: number;
}

export interface SnapshotStore {
  /** True when the layer of this chain ID is unpacked and committed. */
  hasLayer(chainId: Digest): boolean;

  /** Of all layers, whatever stands on them. */
  layersUse(): LayersUse;

  /**
   * Unpacks one layer into a directory that is not yet visible. Layers of one image may be unpacked at the same time.
   * @throws CorruptError when the archive is broken, climbs out of its root, or its diff ID is not the one expected.
   */
  unpack(layer: LayerToUnpack): Promise<UnpackedLayer>;

  /** The layers that a chain ID stands for, bottom first. @throws NotFoundError */
  layersOf(chainId: Digest | undefined): SnapshotLayer[];

  /** Bytes in the layer's directory, as docker counts an image's size. */
  layerSize(chainId: Digest): number;

  /** Removes a layer that no other layer and no container stands on. Idempotent. */
  removeLayer(chainId: Digest): Promise<void>;

  /** Makes a container's writable directory over this chain (`undefined`: over nothing). @param id the container's. */
  prepare(id: string, chainId: Digest | undefined, options?: PrepareOptions): Promise<void>;

  /** Where `mount` mounts. @throws NotFoundError before `prepare`. */
  mountPoint(id: string): string;

  /** Mounts the container's root and tells where. Idempotent: a mounted one is left alone. */
  mount(id: string): Promise<string>;

  /**
   * Mounts the container's root for a reader: it stays mounted until released, whether the container stops meanwhile or
   * never ran. `release` is to be called once.
   */
  hold(id: string): Promise<HeldRoot>;

  /** Unmounts the container's root once nobody holds it. Idempotent. */
  unmount(id: string): Promise<void>;

  /** Unmounts and forgets the container's writable directory. Idempotent. */
  remove(id: string): Promise<void>;

  /** What the container changed in its root, parents included, sorted by path. */
  changes(id: string): Promise<Change[]>;

  /** The same changes give the same bytes. */
  diff(id: string): ContainerDiff;

  /**
   * Begins to make a layer of what a container changed. It is unmounted, and nothing may run on it any more.
   * @param epoch in seconds: files that were changed later say they were changed then. Undefined for no limit.
   * @returns undefined where nothing was written to its root.
   */
  adopt(id: string, epoch: number | undefined): Promise<Adoption | undefined>;

  /**
   * What each layer of the chain did to those below it: LayerChangesLine of engine-api/image-changes.ts, without the history.
   * @throws NotFoundError for a chain that is not here; the stream fails where it cannot be read.
   */
  layerChanges(chainId: Digest | undefined, options: LayerChangesOptions): ReadableStream<Uint8Array>;

  /** How the files of one chain differ from another's: ImageChangesLine. @throws as `layerChanges`. */
  compare(before: Digest | undefined, after: Digest | undefined): ReadableStream<Uint8Array>;

  /** Where the layers of a chain are unpacked, topmost first, for a process that reads them. @throws NotFoundError */
  layerDirectories(chainId: Digest | undefined): string[];

  /** Bytes the container wrote (`SizeRw`). */
  containerSize(id: string): Promise<number>;

  /** After a crash: unmounts and removes what no committed layer and none of `containers` accounts for. */
  recover(containers: ReadonlySet<string>): Promise<void>;
}

/** An unpacked layer that waits for its parent. Closed by exactly one of commit or abort. */
export interface UnpackedLayer {
  /**
   * Makes the layer visible on top of `parent`. Parents first: what the archive left out (the owner and mode of
   * directories that it only names in paths, hard links into lower layers) is taken from the chain below.
   */
  commit(parent: Digest | undefined): Promise<void>;
  abort(): Promise<void>;
}

export interface HeldRoot {
  /** Where it is mounted. */
  readonly root: string;
  readonly release: () => Promise<void>;
}
