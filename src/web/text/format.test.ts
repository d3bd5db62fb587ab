import { expect, test } from 'bun:test';
import { createFormat } from './format.ts';

const en = createFormat('en');
const pt = createFormat('pt-BR');

test('sizes count in thousands, to three digits', () => {
  expect(en.bytes(0)).toBe('0B');
  expect(en.bytes(77_825_000)).toBe('77.8 MB');
  expect(pt.bytes(1_234_000_000)).toBe('1,23 GB');
});

test('a size never shows a thousand of a unit', () => {
  expect(en.bytes(999_900)).toBe('1 MB');
});

test('shares have two digits, and what is hardly anything is told as that', () => {
  expect([en.share(0), en.share(0.1234), en.share(0.001), en.share(0.000_000_045)]).toEqual([
    '0%',
    '12%',
    '0.1%',
    '<0.1%',
  ]);
  expect(pt.share(0.0005)).toBe('<0,1%');
});

test('times are told from now, in the largest unit that fits', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  expect(en.relative(new Date('2026-11-23T11:57:00Z'), now)).toBe('3 minutes ago');
  expect(en.relative(new Date('2026-11-22T11:00:00Z'), now)).toBe('yesterday');
  expect(pt.relative(new Date('2026-11-23T10:00:00Z'), now)).toBe('há 2 horas');
});

test('a push of this moment, or from a clock slightly ahead, is now', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  expect(en.relative(new Date('2026-11-23T12:00:04Z'), now)).toBe('now');
});
