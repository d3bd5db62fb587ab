import { expect, test } from 'bun:test';
import { hasWildcards, Wildcard } from './wildcard.ts';

/** The cases of Go's own test that stay within one part of a path: src/path/filepath/match_test.go. */
const cases: readonly (readonly [pattern: string, name: string, isMatch: boolean])[] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'abc', true],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['a*b?c*x', 'abxbbxdbxebxczzy', false],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^b-d]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  [String.raw`a\*b`, 'a*b', true],
  [String.raw`a\*b`, 'ab', false],
  ['a?b', 'a☺b', true],
  ['a[^a]b', 'a☺b', true],
  ['a???b', 'a☺b', false],
  ['[a-ζ]*', 'α', true],
  ['*[a-ζ]', 'A', false],
  [String.raw`[\]a]`, ']', true],
  [String.raw`[\-]`, '-', true],
  [String.raw`[x\-]`, 'z', false],
  ['*x', 'xxx', true],
  ['**', 'anything', true],
  ['', '', true],
];

test.each(cases)('%p on %p', (pattern, name, isMatch) => {
  expect(new Wildcard(pattern).matches(name)).toBe(isMatch);
});

test.each(['[]a]', '[-]', '[x-]', '[-x]', '[a-b-c]', '[', '[^', '[^bc', 'a[', String.raw`a\ `.trim()])(
  '%p is malformed and matches nothing',
  (pattern) => {
    for (const name of ['', 'a', '-', 'x', '[', ']', pattern])
      expect(new Wildcard(pattern).matches(name)).toBe(false);
  },
);

test('many stars take no longer than few', () => {
  const started = performance.now();
  expect(new Wildcard(`${'a*'.repeat(1000)}b`).matches('a'.repeat(4000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(5000);
});

test('a character behind a backslash is no wildcard', () => {
  expect(['a*', 'a?', '[a]', String.raw`a\*`, 'plain'].map(hasWildcards)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
