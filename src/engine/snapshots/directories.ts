/**
 * The directories of overlay.ts: `l/<name>` for layers, `c/<name>` for containers. Names are short, as all of a chain
 * have to fit into one mount; removing is renaming to `t/`, deleted behind everybody's back.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';
import { changeMode, makeDirectory } from '../linux/file.ts';
import { spreadDirectories } from '../linux/inode-flags.ts';
import { type DetachedOverlay, detachOverlay } from './overlay-mount.ts';

export type Kind = 'l' | 'c';

export class SnapshotDirectories implements AsyncDisposable {
  readonly #root: string;
  /** Deletions under way. */
  readonly #reaping = new Set<Promise<void>>();

  constructor(root: string) {
    this.#root = root;
    for (const name of ['l', 'c', 't']) mkdirSync(join(root, name), { recursive: true, mode: 0o711 });
    // A layer is thousands of files at once, and often follows the removal of another.
    spreadDirectories(join(root, 'l'));
  }

  path(kind: Kind, name: string, ...parts: readonly string[]): string {
    return join(this.#root, kind, name, ...parts);
  }

  /** A new directory under a short name that nothing else has. */
  make(kind: Kind): string {
    for (;;) {
      const name = Math.floor(Math.random() * 36 ** 6).toString(36);
      try {
        makeDirectoryWithMode(this.path(kind, name), kind === 'l' ? 0o755 : 0o711);
        return name;
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
      }
    }
  }

  /** Out of sight at once, off the disk later. Idempotent. */
  async discard(kind: Kind, name: string): Promise<void> {
    const from = this.path(kind, name);
    const detached = kind === 'c' ? await detachOverlay(join(from, 'm')) : undefined;
    const trash = `${kind}-${name}-${crypto.randomUUID()}`;
    try {
      await rename(from, join(this.#root, 't', trash));
    } catch (error) {
      await detached?.end();
      if (errnoOf(error) === 'ENOENT') return;
      throw error;
    }
    this.#reap(trash, detached);
  }

  /** Discards those of no row, and goes on with deletions that an earlier engine left. */
  async sweep(known: Readonly<Record<Kind, readonly { readonly directory: string }[]>>): Promise<void> {
    for (const kind of ['c', 'l'] as const) {
      const kept = new Set(known[kind].map(({ directory }) => directory));
      for (const name of readdirSync(join(this.#root, kind)))
        if (!kept.has(name)) await this.discard(kind, name);
    }
    for (const name of readdirSync(join(this.#root, 't'))) this.#reap(name);
  }

  /** Waits until what was discarded is gone from the disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#reaping);
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

/** Containers see these modes: the engine's umask has no say. */
export function makeDirectoryWithMode(path: string, mode: number): void {
  makeDirectory(path, mode);
  changeMode(path, mode);
}
