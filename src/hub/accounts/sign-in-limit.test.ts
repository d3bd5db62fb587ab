import { describe, expect, test } from 'bun:test';
import { UnavailableError } from '../../lib/errors.ts';
import { TooManyRequestsError } from '../limits/too-many-requests.ts';
import { SignInLimit } from './sign-in-limit.ts';

/** `count` tries at the same time: how many were compared, refused, and most at once. */
async function tryAtOnce(
  limit: SignInLimit,
  count: number,
  isRight: boolean,
  account: (index: number) => string = () => 'alice',
): Promise<{ compared: number; refused: number; mostAtOnce: number }> {
  let [compared, atOnce, mostAtOnce] = [0, 0, 0];
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, index) =>
      limit.attempt(account(index), '192.0.2.1', async () => {
        compared += 1;
        atOnce += 1;
        mostAtOnce = Math.max(mostAtOnce, atOnce);
        await Bun.sleep(1);
        atOnce -= 1;
        return isRight;
      }),
    ),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  for (const { reason } of refused) expect(reason).toBeInstanceOf(TooManyRequestsError);
  return { compared, refused: refused.length, mostAtOnce };
}

describe('the limit on sign-ins', () => {
  test('holds for guesses made all at once, and compares two at a time', async () => {
    const limit = new SignInLimit();
    expect(await tryAtOnce(limit, 60, false)).toEqual({ compared: 10, refused: 50, mostAtOnce: 2 });
    expect(await tryAtOnce(limit, 1, true)).toEqual({ compared: 0, refused: 1, mostAtOnce: 0 });
  });

  test('holds for one address that tries many accounts', async () => {
    const limit = new SignInLimit();
    const { compared } = await tryAtOnce(limit, 150, false, (index) => `user${index}`);
    expect(compared).toBe(100);
  });

  test('holds for one account that many addresses try, but not for who signs in from where they did before', async () => {
    const limit = new SignInLimit();
    const home = '192.0.2.1';
    const from = (address: string, isRight: boolean, isCheap = false): Promise<boolean> =>
      limit.attempt('alice', address, () => Promise.resolve(isRight), isCheap);
    expect(await from(home, true)).toBe(true);
    for (let guess = 0; guess < 100; guess += 1) await from(`198.51.100.${guess}`, false);
    const stopped = await from('203.0.113.1', true).catch((error: unknown) => error);
    expect(stopped).toBeInstanceOf(TooManyRequestsError);
    expect(await from(home, false)).toBe(false);
    expect(await from(home, true)).toBe(true);
    // Nobody guesses an access token.
    expect(await from('203.0.113.1', true, true)).toBe(true);
    expect(await limit.attempt('bob', '198.51.100.1', () => Promise.resolve(true))).toBe(true);
  });

  test('counts no try that could not be looked at, as when the database is away', async () => {
    const limit = new SignInLimit();
    const tryOnce = (verify: () => Promise<boolean>): Promise<unknown> =>
      limit.attempt('alice', '192.0.2.1', verify).catch((error: unknown) => error);
    const away = new UnavailableError('the database does not answer');
    for (let count = 0; count < 150; count += 1) expect(await tryOnce(() => Promise.reject(away))).toBe(away);
    expect(await tryOnce(() => Promise.resolve(true))).toBe(true);
    for (let guess = 0; guess < 10; guess += 1)
      expect(await tryOnce(() => Promise.resolve(false))).toBe(false);
    expect(await tryOnce(() => Promise.resolve(true))).toBeInstanceOf(TooManyRequestsError);
  });

  test('refuses nobody whose password is right, however often and at once', async () => {
    const limit = new SignInLimit();
    expect(await tryAtOnce(limit, 150, true)).toMatchObject({ compared: 150, refused: 0 });
    expect(await tryAtOnce(limit, 9, false)).toMatchObject({ compared: 9, refused: 0 });
    expect(await tryAtOnce(limit, 1, true)).toMatchObject({ compared: 1, refused: 0 });
    expect(await tryAtOnce(limit, 10, false)).toMatchObject({ compared: 10, refused: 0 });
  });

  test('passes the turn on when a comparison fails', async () => {
    const limit = new SignInLimit();
    const failing = Array.from({ length: 3 }, () =>
      limit.attempt('alice', '192.0.2.1', () => Promise.reject(new TypeError('disk'))),
    );
    await Promise.allSettled(failing);
    expect(await tryAtOnce(limit, 1, true)).toMatchObject({ compared: 1, refused: 0 });
  });
});
