import { expect, test } from 'bun:test';
import { joinRuns } from './frame-runs.ts';

test('neighbours on one stream become one part, the order between streams stays', () => {
  const part = (stream: 'stdout' | 'stderr', text: string) => ({ stream, payload: Buffer.from(text) });
  const parts = [part('stdout', 'a'), part('stdout', 'b'), part('stderr', 'c'), part('stdout', 'd')];
  const joined = [...joinRuns(parts)].map(({ stream, payload }) => [stream, Buffer.from(payload).toString()]);
  expect(joined).toEqual([
    ['stdout', 'ab'],
    ['stderr', 'c'],
    ['stdout', 'd'],
  ]);
  expect([...joinRuns([])]).toEqual([]);
});
