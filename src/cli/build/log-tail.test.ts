import { expect, test } from 'bun:test';
import { LogTail } from './log-tail.ts';

function tail(...texts: readonly string[]): readonly string[] {
  const log = new LogTail(3);
  for (const text of texts) log.push(text, 0);
  return log.last(10).map(({ text }) => text);
}

test('lines come together from pieces; the unfinished one counts', () => {
  expect(tail('on', 'e\ntw', 'o\nthree')).toEqual(['one', 'two', 'three']);
  expect(tail('one\n\n', 'two\n')).toEqual(['one', '', 'two']);
});

test('a line has the time of its beginning', () => {
  const log = new LogTail(3);
  log.push('a', 5);
  log.push('b\nc', 9);
  expect(log.last(2)).toEqual([
    { at: 5, text: 'ab' },
    { at: 9, text: 'c' },
  ]);
});

test('a line that overwrites itself shows its last state; what moves the cursor is gone', () => {
  expect(tail('10%\r20%\r30%\r\n')).toEqual(['30%']);
  expect(tail('\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07ok\x07\b\ttab\n')).toEqual(['red ok    tab']);
});

test('what is kept is bounded: lines and their length', () => {
  const log = new LogTail(3);
  for (let line = 0; line < 100; line++) log.push(`${line}\n`, 0);
  expect(log.last(100).length).toBeLessThanOrEqual(6);
  expect(log.last(3).map(({ text }) => text)).toEqual(['97', '98', '99']);
  log.push('x'.repeat(100_000), 0);
  expect(log.last(1)[0]?.text.length).toBe(4096);
});
