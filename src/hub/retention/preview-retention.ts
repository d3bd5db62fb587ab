/** What a run would remove now, and why the rest stays: read only, by the same rules, of a policy that need not be stored. */
import type { Digest } from '../../oci/image/digest.ts';
import type { GarbageStore } from '../repositories/garbage-store.ts';
import type { HubDatabase } from '../db/database.ts';
import { type JudgedTag, judgeRepository } from './judge-repository.ts';
import { type RetentionRules, untaggedBefore } from './policy.ts';
import type { RetentionStore, Scope } from './retention-store.ts';

interface PreviewParts {
  readonly database: HubDatabase;
  readonly retention: RetentionStore;
  readonly garbage: GarbageStore;
}

export interface JudgedRepository {
  readonly path: string;
  readonly tags: readonly JudgedTag[];
  /** Images without a tag that would go. */
  readonly untagged: readonly Digest[];
}

/** A part of a repository at a time, the tags first. @throws InvalidError for a pattern that is none. */
export async function* previewRetention(
  { database, retention, garbage }: PreviewParts,
  scope: Scope,
  policy: RetentionRules,
  grace: number,
): AsyncGenerator<JudgedRepository, void, undefined> {
  const now = Date.now();
  for await (const { id, path } of retention.covered(scope)) {
    for await (const tags of judgeRepository(database, id, policy, now)) yield { path, tags, untagged: [] };
    if (policy.untagged_days === null) continue;
    const before = untaggedBefore(policy.untagged_days, grace, now);
    const untagged = await garbage.listUntagged({ after: id - 1, upTo: id }, before);
    if (untagged.length > 0) yield { path, tags: [], untagged };
  }
}
