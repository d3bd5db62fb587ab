import { describe, expect, test } from 'bun:test';
import { checkPassword, hashPassword, PasswordVerifier } from './password.ts';

describe('a password', () => {
  test('is right or wrong, the first time and when asked again or all at once', async () => {
    const hash = await hashPassword('correct horse');
    const verifier = new PasswordVerifier();
    const asked = ['correct horse', 'wrong horse', 'correct horse', '', 'x'.repeat(2000)];
    const expected = [true, false, true, false, false];
    expect(await Promise.all(asked.map((text) => verifier.verify(text, hash)))).toEqual(expected);
    expect(await Promise.all(asked.map((text) => verifier.verify(text, hash)))).toEqual(expected);
  });

  test('that was right once is wrong for another hash', async () => {
    const verifier = new PasswordVerifier();
    await verifier.verify('correct horse', await hashPassword('correct horse'));
    expect(await verifier.verify('correct horse', await hashPassword('changed horse'))).toBe(false);
  });

  test('of nobody is wrong after the same work', async () => {
    const verifier = new PasswordVerifier();
    await verifier.verify('warm up', undefined);
    const timed = async (hash: string | undefined): Promise<number> => {
      const start = performance.now();
      expect(await verifier.verify(crypto.randomUUID(), hash)).toBe(false);
      return performance.now() - start;
    };
    const hash = await hashPassword('correct horse');
    const [known, unknown] = [await timed(hash), await timed(undefined)];
    expect(unknown).toBeGreaterThan(known / 5);
  });

  test('longer than bcrypt reads counts to its end', async () => {
    const long = 'x'.repeat(100);
    const verifier = new PasswordVerifier();
    expect(await verifier.verify(`${long}y`, await hashPassword(`${long}z`))).toBe(false);
  });

  test('has a length', () => {
    expect(() => checkPassword('1234567')).toThrow('at least 8');
    expect(() => checkPassword('x'.repeat(1025))).toThrow('at most 1024');
  });
});
