import { expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { parseTime } from './time.ts';

test.each([
  ['1700000000.5', 1700000000.5],
  ['2026-01-01T00:00:00Z', 1767225600],
  ['1h30m', 1000 - 5400],
  ['500ms', 999.5],
])('%p is %p', (text, seconds) => {
  expect(parseTime(text, 1000)).toBe(seconds);
});

test.each(['yesterday', '1 h', 'h'])('%p is refused', (text) => {
  expect(() => parseTime(text)).toThrow(InvalidError);
});
