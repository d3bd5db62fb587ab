import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { printable, printableBytes } from './printable.ts';

test('controls, marks that turn the line around and backslashes are written out; all else stays', () => {
  expect(printable('ção 日本 😀')).toBe('ção 日本 😀');
  expect(printable('a\nb\u001b[31m\u007f\u009b')).toBe(String.raw`a\x0ab\x1b[31m\x7f\x9b`);
  expect(printable('txt\u202eexe')).toBe(String.raw`txt\u202eexe`);
  expect(printable(String.raw`dev\x2ddisk`)).toBe(String.raw`dev\\x2ddisk`);
});

test('bytes that are no UTF-8 are written out, those around them are text', () => {
  const bytes = Buffer.concat([Buffer.from('é'), Buffer.from([0xff, 0xc3]), Buffer.from('x')]);
  expect(printableBytes(bytes)).toBe('é\\xff\\xc3x');
  expect(printableBytes(Buffer.from([0xf0, 0x9f]))).toBe(String.raw`\xf0\x9f`);
});

test('whatever a name holds, it is one line without controls, and two names never look the same', () => {
  const name = fc.uint8Array({ minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(name, name, (a, b) => {
      const [first, second] = [printableBytes(a), printableBytes(b)];
      expect(first).not.toMatch(/\p{Cc}/u);
      expect(first === second).toBe(Buffer.compare(a, b) === 0);
    }),
  );
});
