/** `POST /build/prune` and what `GET /system/df` says of the build cache, as docker's clients use them. Runs as root. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { RunningEngine } from '../../../tests/support/running-engine.ts';
import type { BuildCache } from '../../engine-api/types.ts';
import { tar } from '../../oci/layer/tar.ts';
import { emptyHeader } from '../../oci/layer/tar-header.ts';

setDefaultTimeout(60_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

const dockerfile = [
  'FROM busybox',
  'RUN --network=none echo one >/one',
  'RUN --network=none --mount=type=cache,target=/cache echo kept >/cache/file',
].join('\n');

async function build(): Promise<string> {
  const content = Buffer.from(dockerfile);
  const header = { ...emptyHeader, name: Buffer.from('Dockerfile'), mode: 0o644, size: content.length };
  const body = Buffer.concat(await Array.fromAsync(tar([{ header, content: [content] }])));
  const answer = await fetch('http://engine/build?t=built', {
    method: 'POST',
    unix: engine.socketPath,
    body,
    headers: { 'Content-Type': 'application/x-tar' },
  });
  return answer.text();
}

async function records(version = '1.50'): Promise<readonly BuildCache[]> {
  const answer = await engine.fetch('GET', `/v${version}/system/df?type=build-cache`);
  return ((await answer.json()) as { BuildCache: BuildCache[] }).BuildCache;
}

async function prune(query: string): Promise<{ CachesDeleted: string[] | null; SpaceReclaimed: number }> {
  const answer = await engine.fetch('POST', `/build/prune?${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as { CachesDeleted: string[] | null; SpaceReclaimed: number };
}

test('a build leaves records, which the disk use lists and a prune takes away', async () => {
  expect(await build()).toContain('Successfully tagged built:latest');
  const [first, mounted, ...rest] = (await records()).toSorted((a, b) =>
    (a.CreatedAt ?? '').localeCompare(b.CreatedAt ?? ''),
  );
  expect(first).toMatchObject({ Type: 'regular', InUse: false, Shared: true, Size: 4, LastUsedAt: null });
  expect(mounted).toMatchObject({ Type: 'exec.cachemount', Shared: false, Size: 5, UsageCount: 1 });
  expect(rest).toMatchObject([{ Type: 'regular', Parents: [first?.ID], Size: 0 }]);
  const old = await records('1.41');
  expect(old.find(({ ID }) => ID === rest[0]?.ID)).toMatchObject({ Parent: first?.ID });

  expect(await build()).toContain('Using cache');
  expect(await prune('filters={"type":["source.local"]}')).toEqual({
    CachesDeleted: null,
    SpaceReclaimed: 0,
  });
  // What an image has as well stays.
  const { CachesDeleted, SpaceReclaimed } = await prune('');
  expect(CachesDeleted?.toSorted()).toEqual([mounted?.ID ?? '', rest[0]?.ID ?? ''].toSorted());
  expect(SpaceReclaimed).toBe(5);
  expect(await prune('all=1')).toEqual({ CachesDeleted: [first?.ID ?? ''], SpaceReclaimed: 0 });
  expect(await records()).toEqual([]);
});

test('a filter that is unknown, or given twice, is refused', async () => {
  const messageOf = async (query: string): Promise<string> =>
    (await engine.call('POST', `/build/prune?${query}`)).body.message;
  expect(await messageOf('filters={"x":["a"]}')).toBe("invalid filter 'x'");
  expect(await messageOf('filters={"id":["a","b"]}')).toBe('filter expression expecting one single value');
});
