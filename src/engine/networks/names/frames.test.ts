import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { InvalidError } from '../../../lib/errors.ts';
import { frame, FrameReader } from './frames.ts';

test('messages come out whole, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 40 }),
      (sent, size) => {
        const stream = Buffer.concat(sent.map((message) => frame(Buffer.from(message))));
        const reader = new FrameReader(300);
        const received: Buffer[] = [];
        for (let at = 0; at < stream.length; at += size) {
          received.push(...reader.push(stream.subarray(at, at + size)));
        }
        expect(received).toEqual(sent.map((message) => Buffer.from(message)));
      },
    ),
  );
});

test('a length above the bound is an error before any of it is kept', () => {
  expect(() => new FrameReader(300).push(Buffer.from([1, 45]))).toThrow(InvalidError);
});
