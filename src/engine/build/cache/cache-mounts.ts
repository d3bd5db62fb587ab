/** `RUN --mount=type=cache`: directories under DATA/build/mounts that outlive builds, listed and pruned like the rest of the cache. */
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestOf } from '../../../oci/image/digest.ts';
import type { BuildCache } from './build-cache.ts';

export interface CacheMountRequest {
  /** The target unless the Dockerfile gives one. */
  readonly id: string;
  /** Used by all at once; one after the other; or each that comes while it is used gets another. */
  readonly sharing: 'shared' | 'locked' | 'private';
  readonly uid: number;
  readonly gid: number;
  /** Permission bits. */
  readonly mode: number;
  /** Names what `fill` fills it with: a cache of another source is another cache. Empty without one. */
  readonly from: string;
  /** Puts the initial content into a new directory. */
  readonly fill?: (directory: string) => Promise<void>;
  /** Ends the waiting for a locked one. */
  readonly signal: AbortSignal;
}

/** In use until disposed of. */
export interface CacheMount extends Disposable {
  /** The directory to bind. */
  readonly source: string;
}

/** Who is in a directory, and who waits for it to be empty. */
interface Use {
  count: number;
  isLocked: boolean;
  readonly waiting: (() => void)[];
}

export class CacheMounts {
  readonly #cache: BuildCache;
  readonly #root: string;
  readonly #uses = new Map<Digest, Use>();

  /** @param root made when absent. */
  constructor(cache: BuildCache, root: string) {
    this.#cache = cache;
    this.#root = root;
    mkdirSync(root, { recursive: true, mode: 0o711 });
  }

  async acquire(request: CacheMountRequest): Promise<CacheMount> {
    const key = this.#keyFor(request);
    const use = await this.#enter(key, request);
    let held: Disposable | undefined;
    const leave = (): void => {
      held?.[Symbol.dispose]();
      this.#leave(key, use);
    };
    try {
      const id = this.#cache.idOf(key) ?? this.#cache.put(key, recordOf(request));
      held = this.#cache.hold([id]);
      this.#cache.touch(id);
      const source = this.directory(id);
      if (!existsSync(source)) await this.#make(source, request);
      return { source, [Symbol.dispose]: once(leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Where the files of a record are. */
  directory(id: string): string {
    return join(this.#root, id);
  }

  /** Takes the directory of a record away that is deleted. */
  async remove(id: string): Promise<void> {
    const trash = join(this.#root, `.${crypto.randomUUID()}`);
    if (!existsSync(this.directory(id))) return;
    await rename(this.directory(id), trash);
    await rm(trash, { recursive: true, force: true });
  }

  /** At the engine's start: directories without a record, whole or not. */
  async recover(): Promise<void> {
    const known = new Set(this.#cache.list().map(({ id }) => id));
    for (const name of readdirSync(this.#root)) {
      if (!known.has(name)) await rm(join(this.#root, name), { recursive: true, force: true });
    }
  }

  /** A private one is any that nobody uses. */
  #keyFor({ id, from, sharing }: CacheMountRequest): Digest {
    for (let copy = 0; ; copy++) {
      const key = digestOf(JSON.stringify(['cache mount', id, from, copy]));
      if (sharing !== 'private' || !this.#uses.has(key)) return key;
    }
  }

  async #enter(key: Digest, { sharing, signal }: CacheMountRequest): Promise<Use> {
    const isLocked = sharing === 'locked';
    for (let use = this.#uses.get(key); use; use = this.#uses.get(key)) {
      if (!isLocked && !use.isLocked) {
        use.count += 1;
        return use;
      }
      await turn(use, signal);
    }
    signal.throwIfAborted();
    const use: Use = { count: 1, isLocked, waiting: [] };
    this.#uses.set(key, use);
    return use;
  }

  #leave(key: Digest, use: Use): void {
    use.count -= 1;
    if (use.count > 0) return;
    this.#uses.delete(key);
    for (const wake of use.waiting) wake();
  }

  /** Whole, or not there. Several that share it come one after the other: the first one makes it. */
  async #make(path: string, { uid, gid, mode, fill }: CacheMountRequest): Promise<void> {
    const fresh = join(this.#root, `.${crypto.randomUUID()}`);
    try {
      mkdirSync(fresh);
      chownSync(fresh, uid, gid);
      chmodSync(fresh, mode);
      await fill?.(fresh);
      if (!existsSync(path)) await rename(fresh, path);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }
}

function recordOf({ id }: CacheMountRequest): Parameters<BuildCache['put']>[1] {
  return {
    kind: 'exec.cachemount',
    description: `cached mount ${id}`,
    layers: [],
    hasLayer: false,
    createdAt: new Date().toISOString(),
  };
}

function turn(use: Use, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', leave, { once: true });
  use.waiting.push(resolve);
  if (signal.aborted) leave();
  return promise.finally(() => signal.removeEventListener('abort', leave));
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}
