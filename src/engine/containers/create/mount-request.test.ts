import { describe, expect, test } from 'bun:test';
import { mountRequests } from './mount-request.ts';

describe('the mounts of a container', () => {
  test("the image's volumes give way to what is asked for at the same place", () => {
    const { asked, anonymous } = mountRequests(
      { Volumes: { '/data': {}, '/cache/': {}, '/tmp': {} } },
      { Binds: ['/host:/data'], Tmpfs: { '/tmp': '' } },
    );
    expect(asked.map(({ type, target }) => [type, target])).toEqual([['bind', '/data']]);
    expect(anonymous.map(({ type, target, mode }) => [type, target, mode])).toEqual([
      ['volume', '/cache', ''],
    ]);
  });

  test.each([
    [{ Binds: ['/a:/x', '/b:/x/'] }],
    [{ Binds: ['/a:/x'], Mounts: [{ Type: 'volume' as const, Target: '/x' }] }],
    [{ Binds: ['/a:/x'], Tmpfs: { '/x': '' } }],
  ])('two at one place are refused: %j', (hostConfig) => {
    expect(() => mountRequests({}, hostConfig)).toThrow('Duplicate mount point: /x');
  });

  test.each([['/'], ['x']])('a tmpfs is not mounted on %p', (target) => {
    expect(() => mountRequests({}, { Tmpfs: { [target]: '' } })).toThrow(/destination can't be|absolute/);
  });
});
