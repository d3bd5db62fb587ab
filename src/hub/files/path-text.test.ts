import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { decodePath, encodePath, readablePath } from './path-text.ts';

test('whatever bytes a path has, what is written for it leads back', () => {
  const bytes = fc.uint8Array({ minLength: 1 }).map((array) => Buffer.from(array).toString('latin1'));
  fc.assert(
    fc.property(bytes, (path) => {
      fc.pre(!path.startsWith('/') && !path.endsWith('/'));
      expect(decodePath(encodePath(path))).toBe(path);
      // What is written for it stands the way through an address.
      expect(encodePath(path)).toMatch(/^[\x21-\x7e]*$/);
    }),
  );
});

test('a path may be typed as people read it, with slashes around it', () => {
  const path = Buffer.from('etc/ção').toString('latin1');
  expect(decodePath('/etc/ção/')).toBe(path);
  expect(encodePath(path)).toBe('etc/%C3%A7%C3%A3o');
  expect(readablePath(path)).toBe('etc/ção');
});
