import { expect, test } from 'bun:test';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

test('so many at a time, first come first served, and who gives up frees the queue', async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  const first = await slots.take(never);
  const controller = new AbortController();
  const second = slots.take(controller.signal, () => order.push('second waits'));
  const third = slots.take(never, () => order.push('third waits'));
  controller.abort();
  await expect(second).rejects.toMatchObject({ name: 'AbortError' });
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  (await slots.take(never, () => order.push('never')))[Symbol.dispose]();
  expect(order).toEqual(['second waits', 'third waits']);
});
