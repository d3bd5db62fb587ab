import { describe, expect, test } from 'bun:test';
import { acknowledged, attribute, decodeMessages, encodeMessage, flags, text } from './netlink-message.ts';

describe('netlink messages', () => {
  test('carry length, type, flags and payload', () => {
    const message = encodeMessage(16, flags.ack, Buffer.from([1, 2, 3, 4]));
    expect(message.toString('hex')).toBe('1400000010000500000000000000000001020304');
  });

  test('pad attributes to four bytes, without counting the padding', () => {
    expect(attribute(3, text('lo')).toString('hex')).toBe('070003006c6f0000');
  });

  test('nest attributes', () => {
    expect(attribute(18, attribute(1, Buffer.from('veth'))).toString('hex')).toBe('0c0012000800010076657468');
  });

  test('are read one after the other, until something is cut off', () => {
    const two = Buffer.concat([
      encodeMessage(16, 0, Buffer.alloc(5)),
      Buffer.alloc(3),
      encodeMessage(17, 0, Buffer.alloc(0)),
    ]);
    expect(decodeMessages(two).map(({ type }) => type)).toEqual([16, 17]);
    expect(decodeMessages(two.subarray(0, 30)).map(({ type }) => type)).toEqual([16]);
    expect(decodeMessages(Buffer.alloc(16))).toEqual([]);
  });

  test('acknowledge with the errno, or with none', () => {
    const failed = Buffer.alloc(4);
    failed.writeInt32LE(-17);
    expect(acknowledged({ type: 2, payload: failed })).toBe(17);
    expect(acknowledged({ type: 2, payload: Buffer.alloc(4) })).toBe(0);
    expect(acknowledged({ type: 16, payload: Buffer.alloc(4) })).toBeUndefined();
  });
});
