import { expect, test } from 'bun:test';
import { CorruptError } from '../../lib/errors.ts';
import { RecentFailures } from './recent-failures.ts';

test('the latest failures are kept, a hundred at most, each as long as fits a page', () => {
  const failures = new RecentFailures();
  for (let number = 0; number < 300; number++) {
    failures.add('GET', `/${number}/${'x'.repeat(5000)}`, new CorruptError(`${number} ${'y'.repeat(5000)}`));
  }
  const kept = failures.list();
  expect(kept.length).toBe(100);
  expect(kept[0]?.path.startsWith('/299/')).toBe(true);
  expect(kept.at(-1)?.message.startsWith('200 ')).toBe(true);
  for (const { path, message } of kept) expect(path.length + message.length).toBe(1000);
});

test('the address of an upload is its secret, and is not kept', () => {
  const failures = new RecentFailures();
  failures.add('PATCH', '/v2/alice/app/blobs/uploads/1f0c-secret', new CorruptError('broken'));
  expect(failures.list()[0]?.path).toBe('/v2/alice/app/blobs/uploads/…');
});
