import { expect, test } from 'bun:test';
import { InOrder } from './in-order.ts';

function listener(): {
  readonly order: InOrder<number>;
  readonly told: string[];
  readonly say: (key: number, text: string) => void;
} {
  const told: string[] = [];
  const order = new InOrder<number>();
  order.setOrder([1, 2, 3]);
  return { order, told, say: (key, text) => order.say(key, text.length, () => void told.push(text)) };
}

test('what comes too early waits until all before it are over', () => {
  const { order, told, say } = listener();
  say(2, 'two');
  say(1, 'one');
  say(3, 'three');
  expect(told).toEqual(['one']);
  expect(order.waiting).toBe(8);
  order.end(1);
  expect(told).toEqual(['one', 'two']);
  say(2, 'two again');
  order.end(2);
  expect(told).toEqual(['one', 'two', 'two again', 'three']);
  expect(order.waiting).toBe(0);
});

test('one that is over before its turn is passed over', () => {
  const { order, told, say } = listener();
  say(2, 'two');
  order.end(2);
  order.end(1);
  say(3, 'three');
  expect(told).toEqual(['two', 'three']);
});

test('others may come in between', () => {
  const { order, told, say } = listener();
  order.end(1);
  order.setOrder([1, 4, 2, 3]);
  say(2, 'two');
  say(4, 'four');
  order.end(4);
  expect(told).toEqual(['four', 'two']);
});

test('after a failure all is told that was said', () => {
  const { order, told, say } = listener();
  say(3, 'three');
  say(2, 'two');
  order.flush();
  expect(told).toEqual(['two', 'three']);
});
