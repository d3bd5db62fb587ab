import { describe, expect, test } from 'bun:test';
import { runAgainstFake } from '../../testing/fake-engine.ts';

const report = { CachesDeleted: ['abc', 'def'], SpaceReclaimed: 1_500_000 };

describe('builder prune', () => {
  test('asks first, then says what went', async () => {
    const exchanges = [{ method: 'POST', path: '/build/prune*', answer: report }] as const;
    const { stdout, asked } = await runAgainstFake(['builder', 'prune'], { exchanges, stdin: 'y\n' });
    expect(stdout).toBe(
      'WARNING! This will remove all dangling build cache.\nAre you sure you want to continue? [y/N] ' +
        'Deleted build cache objects:\nabc\ndef\n\nTotal reclaimed space: 1.5MB\n',
    );
    expect(asked.map(({ path }) => path)).toEqual(['/build/prune']);
    expect((await runAgainstFake(['builder', 'prune'], { exchanges, stdin: 'n\n' })).asked).toEqual([]);
  });

  test('the flags are what is asked of the engine', async () => {
    const { asked } = await runAgainstFake(
      ['builder', 'prune', '-af', '--filter', 'until=24h', '--keep-storage', '1g'],
      { exchanges: [{ method: 'POST', path: '/build/prune*', answer: {} }] },
    );
    expect(decodeURIComponent(asked[0]?.path ?? '')).toBe(
      '/build/prune?filters={"until":{"24h":true}}&all=1&keep-storage=1073741824',
    );
  });
});

test('builder du lists the cache and what of it could go', async () => {
  const BuildCache = [
    { ID: 'abcdef0123456789', Type: 'regular', Size: 2_000_000, InUse: true, Shared: false, UsageCount: 3 },
    {
      ID: 'fedcba9876543210',
      Type: 'exec.cachemount',
      Size: 500_000,
      InUse: false,
      Shared: false,
      UsageCount: 1,
    },
  ];
  const { stdout } = await runAgainstFake(['buildx', 'du'], {
    exchanges: [{ method: 'GET', path: '/system/df?type=build-cache', answer: { BuildCache } }],
  });
  expect(stdout).toContain('abcdef012345   regular');
  expect(stdout).toEndWith('Reclaimable:\t500kB\nTotal:\t\t2.5MB\n');
});
