/** From policies, runs and verdicts to the shapes of hub-api/schemas/retention.ts. */
import type { z } from 'zod';
import type { retentionPreviewSchema, retentionSchema } from '../../hub-api/schemas/retention.ts';
import type { RetentionRules } from '../retention/policy.ts';
import type { JudgedTag } from '../retention/judge-repository.ts';
import type { JudgedRepository } from '../retention/preview-retention.ts';
import type { RetentionRun } from '../retention/retention-store.ts';
import { optionalTime, timeOf } from './present.ts';

type Preview = z.output<typeof retentionPreviewSchema>;
type PreviewedRepository = Preview['repositories'][number];

export function presentPolicy({ enabled, rules, untagged_days }: RetentionRules): RetentionRules {
  return { enabled, rules, untagged_days };
}

export function presentRun({
  by_name,
  started_at,
  ended_at,
  removed,
  ...run
}: RetentionRun): z.output<typeof retentionSchema>['runs'][number] {
  const times = { started_at: timeOf(started_at), ended_at: optionalTime(ended_at) };
  return { ...run, ...times, by: by_name ?? '', removed: [...removed] };
}

/** In milliseconds. */
const maxTime = 15_000;
const maxEntries = 5000;

/** Counts all that there is time for; names as much as fits an answer. */
export async function presentPreview(judged: AsyncIterable<JudgedRepository>): Promise<Preview> {
  const preview = { removed_count: 0, kept_count: 0, untagged_count: 0, is_complete: true };
  const repositories = new Map<string, PreviewedRepository>();
  const begun = Date.now();
  let entries = 0;
  for await (const { path, tags, untagged } of judged) {
    const removed = tags.filter(({ verdict }) => !verdict.keep);
    preview.removed_count += removed.length;
    preview.kept_count += tags.length - removed.length;
    preview.untagged_count += untagged.length;
    entries += tags.length + untagged.length;
    if (entries > maxEntries) preview.is_complete = false;
    else {
      const known = repositories.get(path) ?? { repository: path, removed: [], kept: [], untagged: [] };
      repositories.set(path, known);
      known.removed.push(...removed.map(presentTag));
      known.kept.push(...tags.flatMap(presentKept));
      known.untagged.push(...untagged);
    }
    if (Date.now() - begun < maxTime) continue;
    preview.is_complete = false;
    break;
  }
  return { ...preview, repositories: [...repositories.values()] };
}

function presentTag({
  name,
  digest,
  pushed_at,
  last_pulled_at,
}: JudgedTag): PreviewedRepository['removed'][number] {
  return { tag: name, digest, last_pushed: timeOf(pushed_at), last_pulled: optionalTime(last_pulled_at) };
}

function presentKept(tag: JudgedTag): PreviewedRepository['kept'] {
  const { verdict } = tag;
  if (!verdict.keep) return [];
  const rule = verdict.because === 'rule' ? verdict.rule : null;
  return [{ ...presentTag(tag), because: verdict.because, rule }];
}
