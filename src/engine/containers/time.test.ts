import { expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { parseInstant, parseTime } from './time.ts';

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

test.each([
  ['1700000000.123456789', '2023-11-14T22:13:20.123456789'],
  ['1700000000', '2023-11-14T22:13:20.000000000'],
  ['2026-01-01T02:00:00.000000001+02:00', '2026-01-01T00:00:00.000000001'],
  ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000000'],
  ['500ms', '1970-01-01T00:16:39.500000000'],
])('the instant of %p is %p', (text, instant) => {
  expect(parseInstant(text, 1000)).toBe(instant);
});
