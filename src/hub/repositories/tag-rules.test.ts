import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { InvalidError } from '../../lib/errors.ts';
import { TagRules } from './tag-rules.ts';

describe('rules of immutable tags', () => {
  test('match whole tags', () => {
    const rules = new TagRules(['v.*', String.raw`\d+\.\d+`]);
    expect(['v1', 'v', '1.2', 'dev', '1.2.3', 'latest'].filter((tag) => rules.match(tag))).toEqual([
      'v1',
      'v',
      '1.2',
    ]);
    expect(new TagRules([]).match('v1')).toBe(false);
  });

  test.each(['(a+)+$', '(a|a)*b', '(.*a){20}', '(([a-z])+.)+[A-Z]([a-z])+$'])(
    'take no longer for being nasty: %p',
    (rule) => {
      const rules = new TagRules([rule]);
      const started = performance.now();
      for (let times = 0; times < 20; times += 1) rules.match(`${'a'.repeat(127)}!`);
      expect(performance.now() - started).toBeLessThan(2000);
    },
  );

  test.each(['(', '[', '(?=a)', String.raw`\1`, 'a{1001}', '.{1000}'.repeat(9), 'x'.repeat(257), '*'])(
    'are refused when they are none, or too much: %p',
    (rule) => {
      expect(() => new TagRules([rule])).toThrow(InvalidError);
    },
  );

  test('take some milliseconds at worst, for tags that no automaton has seen', () => {
    const rules = new TagRules(['(.*a.{60}|.*b.{61}){3}c']);
    const random = (): string => (Math.random() < 0.5 ? 'a' : 'b');
    const started = performance.now();
    for (let times = 0; times < 100; times += 1) rules.match(Array.from({ length: 128 }, random).join(''));
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('are bounded together', () => {
    const rule = '(.*a.{30}){8}';
    expect(new TagRules([rule]).match('a')).toBe(false);
    expect(() => new TagRules([rule, rule])).toThrow(InvalidError);
  });

  test('are at most twenty', () => {
    expect(() => new TagRules(Array.from({ length: 21 }, () => 'a'))).toThrow(InvalidError);
  });

  test('whatever they are, are refused or match', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.string({ maxLength: 20 }),
        (rule, tag) => {
          try {
            expect([true, false]).toContain(new TagRules([rule]).match(tag));
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
