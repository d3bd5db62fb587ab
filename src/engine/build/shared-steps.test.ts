import { expect, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import type { CacheResult } from './cache/build-cache.ts';
import { SharedSteps } from './shared-steps.ts';

const key = digestOf('a step');
const result = { id: 'made' } as CacheResult;

test('who began a step stays until it ends, and who joined it gets the result', async () => {
  const steps = new SharedSteps();
  const made = Promise.withResolvers<CacheResult>();
  const leaving = new AbortController();
  const order: string[] = [];
  const first = steps
    .run(
      key,
      () => made.promise,
      () => undefined,
      leaving.signal,
    )
    .catch(() => order.push('first'));
  const second = steps
    .run(
      key,
      () => Promise.reject(new Error('twice')),
      () => undefined,
      new AbortController().signal,
    )
    .then(({ id }) => order.push(id));
  leaving.abort();
  await Bun.sleep(5);
  expect(order).toEqual([]);
  made.resolve(result);
  await Promise.all([first, second]);
  expect(order.toSorted()).toEqual(['first', 'made']);
});

test('a step that fails because its build has gone is done again by who joined it', async () => {
  const steps = new SharedSteps();
  const made = Promise.withResolvers<CacheResult>();
  const leaving = new AbortController();
  const first = steps
    .run(
      key,
      () => made.promise,
      () => undefined,
      leaving.signal,
    )
    .catch(() => 'left');
  const again = (): Promise<CacheResult> => Promise.resolve(result);
  const second = steps.run(key, again, () => undefined, new AbortController().signal);
  leaving.abort();
  await Bun.sleep(5);
  made.reject(new Error('no agent'));
  expect(await first).toBe('left');
  expect(await second).toBe(result);
});

test('a step that fails fails for all', async () => {
  const steps = new SharedSteps();
  const made = Promise.withResolvers<CacheResult>();
  const { signal } = new AbortController();
  const both = [1, 2].map(() =>
    steps.run(
      key,
      () => made.promise,
      () => undefined,
      signal,
    ),
  );
  made.reject(new Error('exit code: 1'));
  const ends = await Promise.allSettled(both);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('only the one that began it is told that it is its own', async () => {
  const steps = new SharedSteps();
  const made = Promise.withResolvers<CacheResult>();
  const told: boolean[] = [];
  const { signal } = new AbortController();
  const both = [1, 2].map(() =>
    steps.run(
      key,
      async (tell) => {
        await Bun.sleep(5);
        tell({ kind: 'container', id: 'c' });
        return await made.promise;
      },
      (_news, isOwn) => told.push(isOwn),
      signal,
    ),
  );
  await Bun.sleep(20);
  made.resolve(result);
  await Promise.all(both);
  expect(told).toEqual([true, false]);
});
