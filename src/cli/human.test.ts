import { describe, expect, test } from 'bun:test';
import { ellipsis, formatBinarySize, formatDuration, formatSize, shortId } from './human.ts';

describe('sizes', () => {
  test.each([
    [0, '0B'],
    [999, '999B'],
    [1000, '1kB'],
    [1_982_391, '1.98MB'],
    [72_800_000, '72.8MB'],
    [999_999, '1e+03kB'],
    [1_230_000_000, '1.23GB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  test('four digits where progress and sums are shown', () => {
    expect(formatSize(1_982_391, 4)).toBe('1.982MB');
    expect(formatBinarySize(25_279_856_640)).toBe('23.54GiB');
  });
});

describe('durations', () => {
  const hour = 3600;
  test.each([
    [0.5, 'Less than a second'],
    [1, '1 second'],
    [59, '59 seconds'],
    [60, 'About a minute'],
    [130, '2 minutes'],
    [hour, 'About an hour'],
    [hour * 5, '5 hours'],
    [hour * 47, '47 hours'],
    [hour * 24 * 3, '3 days'],
    [hour * 24 * 20, '2 weeks'],
    [hour * 24 * 90, '3 months'],
    [hour * 24 * 365 * 3, '3 years'],
  ])('%d s is %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

test('what is cut ends in …, an id loses its algorithm', () => {
  expect(ellipsis('abcdef', 4)).toBe('abc…');
  expect(ellipsis('abcd', 4)).toBe('abcd');
  expect(shortId('sha256:0123456789abcdef')).toBe('0123456789ab');
});
