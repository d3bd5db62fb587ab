import { expect, test } from 'bun:test';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import { progressResponse } from './progress.ts';

const signal = new AbortController().signal;

test('each report is a line, with a bar for those that read it as it comes', async () => {
  const response = await progressResponse(async (report) => {
    report({ id: 'latest', status: 'Pulling from x' });
    report({ id: 'abc', status: 'Downloading', progress: { current: 500_000, total: 2_000_000 } });
    report({ aux: { Tag: '1' } });
    report({ stream: 'Step 1/2\n' });
  }, signal);
  expect(response.headers.get('Content-Type')).toBe('application/json');
  expect(await response.text()).toBe(
    [
      '{"status":"Pulling from x","progressDetail":{},"id":"latest"}',
      `{"status":"Downloading","progressDetail":{"current":500000,"total":2000000},"progress":"[============>${' '.repeat(37)}]    500kB/2MB","id":"abc"}`,
      '{"progressDetail":{},"aux":{"Tag":"1"}}',
      String.raw`{"stream":"Step 1/2\n"}`,
      '',
    ].join('\r\n'),
  );
});

test('what fails before the first line is thrown, for a status of its own', async () => {
  const response = progressResponse(async () => {
    await Bun.sleep(1);
    throw new NotFoundError('manifest for x not found');
  }, signal);
  await expect(response).rejects.toMatchObject({ name: 'NotFoundError' });
});

test('what fails after it is the last line', async () => {
  const response = await progressResponse(async (report) => {
    report({ status: 'begun' });
    throw new NotFoundError('gone');
  }, signal);
  expect(await response.text()).toEndWith('{"errorDetail":{"message":"gone"},"error":"gone"}\r\n');
});

test('a client that goes away cancels the work', async () => {
  const cancelled = Promise.withResolvers<void>();
  const response = await progressResponse(async (report, gone) => {
    gone.addEventListener('abort', () => cancelled.resolve());
    report({ status: 'begun' });
    await cancelled.promise;
  }, signal);
  await response.body?.cancel();
  await cancelled.promise;
});

test('a client that does not read misses progress, not results', async () => {
  const response = await progressResponse(async (report) => {
    for (let current = 0; current < 10_000; current++) {
      report({ id: 'abc', status: 'Downloading', progress: { current, total: 10_000 } });
    }
    report({ id: 'abc', status: 'Pull complete' });
  }, signal);
  const lines = (await response.text()).trim().split('\r\n');
  expect(lines.length).toBeLessThan(1000);
  expect(lines.at(-1)).toContain('Pull complete');
});

test('an answer that has begun says in its lines what failed before any of them', async () => {
  const work = () => Promise.reject(new InvalidError('no archive'));
  const response = await progressResponse(work, new AbortController().signal, true);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ errorDetail: { message: 'no archive' }, error: 'no archive' });
});
