/** One run of a policy: what no rule keeps goes, as if somebody deleted it, and a line tells what it was. */
import { messageOf } from '../../lib/errors.ts';
import type { Changes } from '../changes.ts';
import type { HubDatabase } from '../db/database.ts';
import type { GarbageStore } from '../repositories/garbage-store.ts';
import { deletedAtOnce, type TagStore } from '../repositories/tag-store.ts';
import { judgeRepository } from './judge-repository.ts';
import { untaggedBefore } from './policy.ts';
import type { Asked, CoveredRepository, RetentionStore, RunResult, StoredPolicy } from './retention-store.ts';

export interface RetentionParts {
  readonly database: HubDatabase;
  readonly retention: RetentionStore;
  readonly tags: TagStore;
  readonly garbage: GarbageStore;
  readonly changes: Changes;
}

interface RunOptions extends Asked {
  /** In milliseconds: what was deleted within it can be brought back. */
  readonly grace: number;
  readonly signal?: AbortSignal | undefined;
}

const maxNamed = 200;

/** @returns undefined, and nothing was done, while a policy runs, here or in another copy of the hub. */
export function runRetention(
  parts: RetentionParts,
  policy: StoredPolicy,
  options: RunOptions,
): Promise<RunResult | undefined> {
  return parts.database.alone('retention', async (lost) => {
    const id = await parts.retention.begin(policy, options);
    const run = new Run(parts, policy, {
      ...options,
      signal: AbortSignal.any([lost, options.signal ?? lost]),
    });
    try {
      for await (const repository of parts.retention.covered(policy.scope)) await run.apply(repository);
      await parts.retention.end(id, run.result, undefined);
    } catch (error) {
      await parts.retention.end(id, run.result, messageOf(error));
      throw error;
    }
    return run.result;
  });
}

class Run {
  readonly #parts: RetentionParts;
  readonly #policy: StoredPolicy;
  readonly #options: RunOptions;
  readonly #now = Date.now();
  readonly #removed: string[] = [];
  #tags = 0;
  #kept = 0;
  #manifests = 0;

  constructor(parts: RetentionParts, policy: StoredPolicy, options: RunOptions) {
    this.#parts = parts;
    this.#policy = policy;
    this.#options = options;
  }

  get result(): RunResult {
    return { tags: this.#tags, kept: this.#kept, manifests: this.#manifests, removed: this.#removed };
  }

  async apply({ id, path }: CoveredRepository): Promise<void> {
    const { database, tags, changes } = this.#parts;
    for await (const judged of judgeRepository(database, id, this.#policy, this.#now)) {
      this.#options.signal?.throwIfAborted();
      const going = judged.filter(({ verdict }) => !verdict.keep);
      this.#kept += judged.length - going.length;
      for (let at = 0; at < going.length; at += deletedAtOnce) {
        const some = going.slice(at, at + deletedAtOnce);
        const removed = await changes.make(
          () => tags.deleteSeen(id, some, this.#options.accountId),
          (names) => names.map((reference) => ({ kind: 'tag-expired', repository: path, reference })),
        );
        this.#tags += removed.length;
        this.#kept += some.length - removed.length;
        const room = Math.max(maxNamed - this.#removed.length, 0);
        this.#removed.push(...removed.slice(0, room).map((name) => `${path}:${name}`));
      }
      // Requests come in between.
      await Bun.sleep(0);
    }
    await this.#removeUntagged(id);
  }

  async #removeUntagged(id: number): Promise<void> {
    const { untagged_days: days } = this.#policy;
    if (days === null) return;
    const before = untaggedBefore(days, this.#options.grace, this.#now);
    for (let removed = 1; removed > 0; this.#manifests += removed) {
      this.#options.signal?.throwIfAborted();
      removed = await this.#parts.garbage.removeUntagged({ after: id - 1, upTo: id }, before);
      await Bun.sleep(0);
    }
  }
}
