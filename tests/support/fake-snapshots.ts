/** Layers that are unpacked into nothing: the SnapshotStore of tests about names and transfers. Diff IDs are checked. */
import type {
  Adoption,
  Change,
  ContainerDiff,
  HeldRoot,
  LayersUse,
  LayerToUnpack,
  SnapshotLayer,
  SnapshotStore,
  UnpackedLayer,
} from '../../src/engine/snapshots/snapshot-store.ts';
import { ConflictError, CorruptError, NotFoundError } from '../../src/lib/errors.ts';
import { type Digest, Digester } from '../../src/oci/image/digest.ts';
import { chainIds } from '../../src/oci/image/image-config.ts';
import { decompressed, inPieces } from './byte-source.ts';

interface Layer {
  readonly parent: Digest | undefined;
  readonly size: number;
}

export class FakeSnapshots implements SnapshotStore {
  readonly layers = new Map<Digest, Layer>();
  /** Unpacked and neither committed nor aborted. */
  pending = 0;
  /** How often bytes were unpacked. */
  unpacked = 0;
  /** What a container changed, by its id. */
  readonly diffs = new Map<string, Uint8Array>();

  hasLayer(chainId: Digest): boolean {
    return this.layers.has(chainId);
  }

  layersUse(): LayersUse {
    return { count: this.layers.size, bytes: 0 };
  }

  async unpack({ diffId, stream }: LayerToUnpack): Promise<UnpackedLayer> {
    this.unpacked += 1;
    const digester = new Digester();
    const bytes = await new Response(stream).bytes();
    for (const chunk of decompressed(inPieces(bytes))) digester.update(chunk);
    const { size } = digester;
    if (digester.digest() !== diffId) throw new CorruptError(`diff ID is not ${diffId}`);
    this.pending += 1;
    let isOpen = true;
    const close = (): void => {
      if (isOpen) this.pending -= 1;
      isOpen = false;
    };
    return {
      commit: async (parent) => {
        if (parent !== undefined && !this.layers.has(parent)) throw new NotFoundError(`no layer ${parent}`);
        close();
        const chainId = chainIds(parent === undefined ? [diffId] : [parent, diffId]).at(-1) ?? diffId;
        this.layers.set(chainId, { parent, size });
      },
      abort: async () => close(),
    };
  }

  layersOf(): SnapshotLayer[] {
    return [];
  }

  layerSize(chainId: Digest): number {
    const layer = this.layers.get(chainId);
    if (!layer) throw new NotFoundError(`no layer ${chainId}`);
    return layer.size;
  }

  async removeLayer(chainId: Digest): Promise<void> {
    if ([...this.layers.values()].some(({ parent }) => parent === chainId)) {
      throw new ConflictError(`layer ${chainId} is in use`);
    }
    this.layers.delete(chainId);
  }

  diff(id: string): ContainerDiff {
    const bytes = this.diffs.get(id);
    return {
      tar: new Blob([Uint8Array.from(bytes ?? new Uint8Array(1024))]).stream(),
      size: Promise.resolve(bytes?.length ?? 0),
    };
  }

  async adopt(id: string): Promise<Adoption> {
    return {
      parent: undefined,
      diff: this.diff(id),
      commit: async (diffId) => void this.layers.set(diffId, { parent: undefined, size: 0 }),
    };
  }

  layerChanges(): ReadableStream<Uint8Array> {
    return new Blob([]).stream();
  }

  compare(): ReadableStream<Uint8Array> {
    return new Blob([]).stream();
  }

  layerDirectories(): string[] {
    return [];
  }

  async containerSize(id: string): Promise<number> {
    return this.diffs.get(id)?.length ?? 0;
  }

  async changes(): Promise<Change[]> {
    return [];
  }

  mountPoint(): string {
    return '/';
  }

  async mount(): Promise<string> {
    return '/';
  }

  async prepare(): Promise<void> {}
  async hold(): Promise<HeldRoot> {
    return { root: await this.mount(), release: async () => undefined };
  }

  async unmount(): Promise<void> {}
  async remove(): Promise<void> {}
  async recover(): Promise<void> {}
}
