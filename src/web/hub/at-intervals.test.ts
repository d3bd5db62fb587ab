import { expect, jest, test } from 'bun:test';
import { atIntervals } from './at-intervals.ts';

test('calls that come close together are made at once, and once more at the end of the interval', () => {
  jest.useFakeTimers();
  try {
    let count = 0;
    using calls = atIntervals(500, () => (count += 1));
    for (let times = 0; times < 10; times += 1) calls.call();
    expect(count).toBe(1);
    jest.advanceTimersByTime(500);
    expect(count).toBe(2);
    jest.advanceTimersByTime(2000);
    expect(count).toBe(2);
    calls.call();
    expect(count).toBe(3);
  } finally {
    jest.useRealTimers();
  }
});
