import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Digester, digestOf, parseDigest, shortHexOf, tryParseDigest } from './digest.ts';

describe('a digest', () => {
  test('of the empty blob is the well-known one', () => {
    expect(digestOf('') as string).toBe(
      'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  for (const text of [
    '',
    'sha256',
    'sha256:',
    'sha256:../../x',
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'a'.repeat(65)}`,
    `sha256:${'A'.repeat(64)}`,
    `md5:${'a'.repeat(32)}`,
    `sha512:${'a'.repeat(64)}`,
    ` sha256:${'a'.repeat(64)}`,
  ]) {
    test(`${JSON.stringify(text.slice(0, 24))} is refused`, () => {
      expect(tryParseDigest(text)).toBeUndefined();
      expect(() => parseDigest(text)).toThrow('invalid digest format');
    });
  }

  test('is the same however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 64 })),
        fc.constantFrom('sha256' as const, 'sha512' as const),
        (chunks, algorithm) => {
          const digester = new Digester(algorithm);
          for (const chunk of chunks) digester.update(chunk);
          const whole = Buffer.concat(chunks);
          expect(digester.size).toBe(whole.length);
          expect(digester.digest()).toBe(digestOf(whole, algorithm));
        },
      ),
    );
  });

  test('is shown as twelve hexadecimal digits', () => {
    expect(shortHexOf(digestOf(''))).toBe('e3b0c44298fc');
  });
});
