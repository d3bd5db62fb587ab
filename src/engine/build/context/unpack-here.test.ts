import { describe, expect, test } from 'bun:test';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archive, type Member } from './context-fixture.ts';
import { unpackHere } from './unpack-here.ts';

class Place implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'unpack-here-'));
  readonly files = join(this.directory, 'files');

  constructor() {
    mkdirSync(this.files);
  }

  async unpack(...members: readonly Member[]): Promise<boolean> {
    return unpackHere(await archive(...members), this.directory);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

describe('a small context', () => {
  test('becomes files with their modes and times', async () => {
    using place = new Place();
    const members = [
      { name: 'Dockerfile', text: 'FROM scratch\n' },
      { name: 'sub/', type: 'directory', mode: 0o1770 },
      { name: './sub/run', text: 'run', mode: 0o4755 },
      { name: 'made/for/it', text: '' },
      { name: 'link', type: 'symlink', linkName: '/etc/passwd' },
    ] as const;
    expect(await place.unpack(...members)).toBe(true);
    const stat = (path: string): number[] => {
      const { mode, mtimeMs } = lstatSync(join(place.files, path));
      return [mode & 0o7777, mtimeMs];
    };
    expect(readFileSync(join(place.files, 'Dockerfile'), 'utf8')).toBe('FROM scratch\n');
    expect(stat('sub')).toEqual([0o1770, 1e12]);
    expect(stat('sub/run')).toEqual([0o4755, 1e12]);
    expect(stat('made/for')[0]).toBe(0o755);
    expect(stat('link')[1]).toBe(1e12);
    expect(readlinkSync(join(place.files, 'link'))).toBe('/etc/passwd');
  });

  const odd: readonly (readonly [string, readonly Member[]])[] = [
    [
      'writes through a link',
      [
        { name: 'l', type: 'symlink', linkName: '/tmp' },
        { name: 'l/x', text: 'x' },
      ],
    ],
    ['climbs', [{ name: '../x', text: 'x' }]],
    [
      'names a file twice',
      [
        { name: 'x', text: 'x' },
        { name: 'x', text: 'y' },
      ],
    ],
    [
      'has second names',
      [
        { name: 'x', text: 'x' },
        { name: 'y', type: 'link', linkName: 'x' },
      ],
    ],
    ['has devices', [{ name: 'x', type: 'character', major: 1, minor: 3 }]],
    ['has attributes', [{ name: 'x', xattrs: new Map([['user.a', Buffer.from('b')]]) }]],
    ['is deep', [{ name: 'a/'.repeat(200), type: 'directory' }]],
    ['has many files', Array.from({ length: 300 }, (_each, index) => ({ name: `f${index}`, text: 'x' }))],
  ];
  test.each(odd)('that %s is left to the process, with nothing done', async (_what, members) => {
    using place = new Place();
    expect(await place.unpack({ name: 'first', text: '1' }, ...members)).toBe(false);
    expect(readdirSync(place.directory)).toEqual(['files']);
    expect(readdirSync(place.files)).toEqual([]);
  });

  test('that breaks off is left to the process', async () => {
    using place = new Place();
    const whole = await archive({ name: 'x', text: 'x'.repeat(2000) });
    expect(unpackHere(whole.subarray(0, 1024), place.directory)).toBe(false);
    expect(readdirSync(place.files)).toEqual([]);
  });
});
