/**
 * Volumes that are mounts themselves (driver options): mounted when the first user comes, unmounted when the last has
 * gone. Users are containers that run and whoever reads a volume for a moment. Running containers are told again at the
 * engine's start, so that the count outlives it.
 */
import { KeyedLock } from '../containers/keyed-lock.ts';
import { isMountPoint } from '../linux/mount-info.ts';
import { volumeSource } from './driver-options.ts';
import { mountVolume, unmountVolume } from './mount-volume.ts';
import type { VolumeRecord, VolumeStore } from './volume-store.ts';

export class VolumeMounts {
  readonly #volumes: VolumeStore;
  readonly #self: readonly string[];
  readonly #locks = new KeyedLock();
  /** By the volume's name. */
  readonly #users = new Map<string, Set<string>>();

  /** @param self the argv that starts this very program. */
  constructor(volumes: VolumeStore, self: readonly string[]) {
    this.#volumes = volumes;
    this.#self = self;
  }

  /** On return the volume's files are in its directory, until `release`. @throws UnavailableError in docker's words. */
  async acquire(volume: VolumeRecord, user: string): Promise<void> {
    const source = volumeSource(volume.options);
    if (!source) return;
    await this.#locks.run(volume.name, async () => {
      if (!isMountPoint(volume.mountpoint)) await mountVolume(this.#self, source, volume.mountpoint);
      this.#usersOf(volume.name).add(user);
    });
  }

  /** Idempotent. */
  async release(name: string, user: string): Promise<void> {
    const volume = this.#volumes.find(name);
    if (!volume || !volumeSource(volume.options)) return;
    await this.#locks.run(name, async () => {
      const users = this.#usersOf(name);
      users.delete(user);
      if (users.size > 0) return;
      this.#users.delete(name);
      unmountVolume(volume.mountpoint);
    });
  }

  /** After a crash: unmounts what none of `users` accounts for. @param users volumes' names by container. */
  recover(users: ReadonlyMap<string, readonly string[]>): void {
    for (const [user, names] of users) for (const name of names) this.#usersOf(name).add(user);
    for (const { name, options, mountpoint } of this.#volumes.list()) {
      if (volumeSource(options) && !this.#users.has(name)) unmountVolume(mountpoint);
    }
  }

  #usersOf(name: string): Set<string> {
    const users = this.#users.get(name) ?? new Set();
    this.#users.set(name, users);
    return users;
  }
}
