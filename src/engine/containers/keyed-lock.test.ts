import { expect, test } from 'bun:test';
import { KeyedLock } from './keyed-lock.ts';

test('one key is held by one at a time, in the order of asking; other keys are free', async () => {
  const lock = new KeyedLock();
  const order: string[] = [];
  const step = (key: string, name: string, milliseconds: number) =>
    lock.run(key, async () => {
      order.push(`${name} in`);
      await Bun.sleep(milliseconds);
      order.push(`${name} out`);
    });
  await Promise.all([step('a', 'first', 20), step('a', 'second', 0), step('b', 'other', 5)]);
  expect(order).toEqual(['first in', 'other in', 'other out', 'first out', 'second in', 'second out']);
});

test('a failure is told to its caller and frees the key', async () => {
  const lock = new KeyedLock();
  await expect(lock.run('a', () => Promise.reject(new TypeError('no')))).rejects.toThrow('no');
  expect(await lock.run('a', () => Promise.resolve(1))).toBe(1);
  await lock.idle();
});
