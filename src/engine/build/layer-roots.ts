/** The files of layers, mounted for a build to read: once each, and taken away with the build. */
import type { Digest } from '../../oci/image/digest.ts';
import type { ImageLayer } from '../images/image.ts';
import type { HeldRoot, SnapshotStore } from '../snapshots/snapshot-store.ts';

interface Dependencies {
  readonly snapshots: SnapshotStore;
  readonly layers: Installer;
}

/** Brings layers here: the engine's own, or a build's, which knows of more. */
interface Installer {
  install(layers: readonly ImageLayer[], options: { readonly signal: AbortSignal }): Promise<unknown>;
}

export class LayerRoots implements AsyncDisposable {
  readonly #deps: Dependencies;
  readonly #roots = new Map<Digest | undefined, Promise<TemporaryRoot>>();

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Where the files of these are, until the build ends. Nobody writes there. */
  async of(layers: readonly ImageLayer[], signal: AbortSignal): Promise<string> {
    const chainId = layers.at(-1)?.chainId;
    let root = this.#roots.get(chainId);
    if (!root) {
      root = openRoot(this.#deps, layers, { isBare: true }, signal);
      this.#roots.set(chainId, root);
      root.catch(() => this.#roots.delete(chainId));
    }
    return (await root).path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of await Promise.allSettled(this.#roots.values())) {
      if (opened.status === 'fulfilled') await opened.value[Symbol.asyncDispose]();
    }
  }
}

/** A writable root on layers, without a container. Disposing takes it away with what was written. */
export interface TemporaryRoot extends AsyncDisposable {
  /** Its name among the snapshots. */
  readonly id: string;
  readonly path: string;
  /** Unmounts it. Idempotent. */
  release(): Promise<void>;
}

/** @param isBare without the mountpoints that a container needs: as an image's files are. */
export async function openRoot(
  { snapshots, layers: installer }: Dependencies,
  layers: readonly ImageLayer[],
  { isBare }: { readonly isBare: boolean },
  signal: AbortSignal,
): Promise<TemporaryRoot> {
  await installer.install(layers, { signal });
  const id = `build-${crypto.randomUUID()}`;
  await snapshots.prepare(id, layers.at(-1)?.chainId, { isBare, isTemporary: true });
  let held: HeldRoot | undefined;
  const release = async (): Promise<void> => {
    const holding = held;
    held = undefined;
    await holding?.release();
  };
  try {
    held = await snapshots.hold(id);
  } catch (error) {
    await snapshots.remove(id);
    throw error;
  }
  return {
    id,
    path: held.root,
    release,
    [Symbol.asyncDispose]: async () => {
      await release();
      await snapshots.remove(id);
    },
  };
}
