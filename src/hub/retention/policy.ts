/** What a policy is: rules that keep tags, and how long images without a tag stay. */
import type { z } from 'zod';
import type { retentionPolicySchema } from '../../hub-api/schemas/retention.ts';
import type { SeenTag } from '../repositories/tag-store.ts';
import { NamePattern } from '../repositories/name-pattern.ts';

export type RetentionRules = Readonly<z.output<typeof retentionPolicySchema>>;
type Rule = RetentionRules['rules'][number];

const day = 86_400_000;

/** Judges the tags of one repository, which come from the latest push on. */
export class TagJudge {
  readonly #rules: readonly { readonly rule: Rule; readonly pattern: NamePattern }[];
  readonly #now: number;
  /** How many each rule has kept already. */
  readonly #counts: number[];

  /** @throws InvalidError for a pattern that is none. */
  constructor({ rules }: Pick<RetentionRules, 'rules'>, now: number) {
    this.#rules = rules.map((rule) => ({ rule, pattern: NamePattern.of(rule.tags) }));
    this.#now = now;
    this.#counts = rules.map(() => 0);
  }

  /** False: every tag stays. */
  get hasRules(): boolean {
    return this.#rules.length > 0;
  }

  /** The first rule that keeps the tag; undefined: none does. Every rule counts what it keeps, whether others do or not. */
  keptBy(tag: SeenTag): number | undefined {
    const keeping = this.#rules.map(
      ({ rule, pattern }, index) => pattern.matches(tag.name) && this.#keeps(rule, index, tag),
    );
    const first = keeping.indexOf(true);
    return first === -1 ? undefined : first;
  }

  #keeps(rule: Rule, index: number, { pushed_at, last_pulled_at }: SeenTag): boolean {
    switch (rule.keep) {
      case 'always':
        return true;
      case 'latest': {
        const count = (this.#counts[index] ?? 0) + 1;
        this.#counts[index] = count;
        return count <= rule.count;
      }
      case 'pushed_within':
        return pushed_at > this.#now - rule.days * day;
      default:
        return last_pulled_at !== null && last_pulled_at > this.#now - rule.days * day;
    }
  }
}

/** Images without a tag that were pushed before go; never what may still be brought back. @param grace in milliseconds. */
export function untaggedBefore(days: number, grace: number, now: number): Date {
  return new Date(now - Math.max(days * day, grace));
}
