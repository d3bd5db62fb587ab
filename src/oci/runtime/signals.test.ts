import { expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { parseSignal } from './signals.ts';

test.each([
  ['SIGKILL', 9],
  ['term', 15],
  ['HUP', 1],
  ['9', 9],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
])('%p is %p', (text, number) => {
  expect(parseSignal(text)).toBe(number);
});

test.each(['', '0', '65', 'SIGNOPE', 'RTMIN+99'])('%p is refused', (text) => {
  expect(() => parseSignal(text)).toThrow(InvalidError);
});
