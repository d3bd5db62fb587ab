/**
 * Uploads to other registries, one of a blob at a time: who needs it too waits for it, and finds it there or mounts it. One that broke
 * is known, so that the next try of its tag goes on where it stood: as long as the hub runs. After a kill -9 a blob that was on its way
 * begins anew, and the registry forgets what it had of it.
 */
import { Slots } from '../../lib/slots.ts';
import type { BrokenUpload } from '../../oci/distribution/transfer.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';

const maxKnown = 1000;

/** A blob's upload to a registry, this caller's alone until it is disposed. */
export interface Upload extends Disposable {
  /** Others uploaded it while this one waited. */
  readonly hasWaited: boolean;
  /** Where it went meanwhile: no queue knows of it before the whole image is there. */
  readonly sentTo: readonly RepositoryName[];
  readonly broken: BrokenUpload;
  sent(): void;
}

/** Of one blob and one registry, while somebody uploads it. */
class Turns {
  readonly slots = new Slots(1);
  readonly sentTo: RepositoryName[] = [];
  users = 0;
}

export class Uploads {
  readonly #turns = new Map<string, Turns>();
  readonly #broken = new Map<string, BrokenUpload>();

  /** @throws the signal's reason */
  async begin(name: RepositoryName, digest: Digest, signal: AbortSignal): Promise<Upload> {
    const blob = `${name.domain}@${digest}`;
    const turns = this.#turns.get(blob) ?? new Turns();
    this.#turns.set(blob, turns);
    const hasWaited = turns.users > 0;
    turns.users += 1;
    const leave = (): void => {
      turns.users -= 1;
      if (turns.users === 0) this.#turns.delete(blob);
    };
    try {
      const turn = await turns.slots.take(signal);
      const key = `${name.domain}/${name.path}@${digest}`;
      const broken = this.#broken.get(key) ?? {};
      this.#broken.delete(key);
      return {
        hasWaited,
        sentTo: turns.sentTo,
        broken,
        sent: () => void turns.sentTo.push(name),
        [Symbol.dispose]: () => {
          this.#keep(key, broken);
          turn[Symbol.dispose]();
          leave();
        },
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** One that has ended is not kept. */
  #keep(key: string, broken: BrokenUpload): void {
    if (!broken.session) return;
    this.#broken.set(key, broken);
    for (const oldest of this.#broken.keys()) {
      if (this.#broken.size <= maxKnown) break;
      this.#broken.delete(oldest);
    }
  }
}
