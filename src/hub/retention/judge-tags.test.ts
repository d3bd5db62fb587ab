import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { isNamePattern, NamePattern } from '../repositories/name-pattern.ts';
import { type RetentionRules, TagJudge } from './policy.ts';

const day = 86_400_000;
const now = 1_000 * day;

/** Tags by the days since their push, and since their last pull. */
function kept(
  rules: RetentionRules['rules'],
  tags: readonly (readonly [string, number, number?])[],
): string[] {
  const judge = new TagJudge({ rules }, now);
  return tags.flatMap(([name, pushed, pulled]) => {
    const tag = {
      name,
      pushed_at: now - pushed * day,
      last_pulled_at: pulled === undefined ? null : now - pulled * day,
    };
    const rule = judge.keptBy(tag);
    return rule === undefined ? [] : [`${name} ${rule}`];
  });
}

describe('rules', () => {
  test('the latest of those that match are kept, others are not counted', () => {
    const tags = [
      ['v3', 1],
      ['nightly', 1],
      ['v2', 2],
      ['v1', 3],
    ] as const;
    expect(kept([{ keep: 'latest', tags: 'v*', count: 2 }], tags)).toEqual(['v3 0', 'v2 0']);
  });

  test('what was pushed or pulled within some days is kept; never pulled is not', () => {
    const tags = [
      ['a', 1],
      ['b', 5, 1],
      ['c', 5, 4],
      ['d', 5],
    ] as const;
    expect(kept([{ keep: 'pushed_within', tags: '*', days: 3 }], tags)).toEqual(['a 0']);
    expect(kept([{ keep: 'pulled_within', tags: '*', days: 3 }], tags)).toEqual(['b 0']);
  });

  test('a tag stays when any rule keeps it, and each rule counts for itself', () => {
    const rules = [
      { keep: 'always', tags: 'stable' },
      { keep: 'latest', tags: '*', count: 2 },
      { keep: 'pulled_within', tags: 'v?', days: 9 },
    ] as const;
    const tags = [
      ['stable', 1],
      ['v9', 2],
      ['v8', 3],
      ['v7', 4, 5],
      ['v77', 5, 5],
    ] as const;
    expect(kept([...rules], tags)).toEqual(['stable 0', 'v9 1', 'v7 2']);
  });
});

describe('patterns of names', () => {
  test('* and ? stand for characters, all others for themselves', () => {
    for (const [pattern, matching, others] of [
      ['*', ['latest', 'v1.0'], []],
      ['v1.*', ['v1.0', 'v1.'], ['v10', 'av1.0']],
      ['v?', ['v1'], ['v', 'v10']],
      ['team/*', ['team/app', 'team/a/b'], ['teams/app', 'team']],
      ['a.b', ['a.b'], ['axb']],
    ] as const) {
      const compiled = NamePattern.of(pattern);
      expect([...matching, ...others].filter((name) => compiled.matches(name))).toEqual([...matching]);
    }
  });

  test('what is no part of a name, or too long, is refused', () => {
    for (const text of ['', 'a b', '(a+)+$', '[a-z]', 'a\nb', '*'.repeat(129)]) {
      expect(isNamePattern(text)).toBe(false);
      expect(() => NamePattern.of(text)).toThrow(InvalidError);
    }
  });

  test('no pattern takes long', () => {
    const nasty = NamePattern.of('*a'.repeat(64));
    const begun = performance.now();
    for (let round = 0; round < 100; round++)
      expect(nasty.matches('a'.repeat(60) + 'b'.repeat(68))).toBe(false);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});
