import { expect, test } from 'bun:test';
import { LeastRecent } from './least-recent.ts';

test('what was used longest ago makes room, by weight', () => {
  const map = new LeastRecent<string, number>(10);
  map.set('a', 1, 4);
  map.set('b', 2, 4);
  expect(map.get('a')).toBe(1);
  map.set('c', 3, 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  map.set('large', 4, 11);
  expect(map.get('large')).toBeUndefined();
  map.set('a', 5, 9);
  expect([map.get('a'), map.get('c')]).toEqual([5, undefined]);
});
