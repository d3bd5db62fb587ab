/** What `save -o` and `export -o` write to, and what they leave alone. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAgainstFake } from '../testing/fake-engine.ts';

describe('an archive to a file', () => {
  let directory: string;
  const exchanges = [
    { method: 'GET', path: '/images/get?names=busybox', answer: 'archive' },
    { method: 'GET', path: '/containers/box/export', answer: 'archive' },
  ] as const;
  const saveTo = (path: string) => runAgainstFake(['save', '-o', path, 'busybox'], { exchanges });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'archive-file-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('replaces what was there, and leaves nothing beside it', async () => {
    const path = join(directory, 'saved.tar');
    await writeFile(path, 'before');
    expect(await saveTo(path)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await readFile(path, 'utf8')).toBe('archive');
    expect(await readdir(directory)).toEqual(['saved.tar']);
  });

  // A rename in its place would take the device from every program of the machine.
  test('is refused a device, also behind a link, before anything is asked for', async () => {
    const link = join(directory, 'link');
    await symlink('/dev/zero', link);
    for (const path of [link, '/dev/null']) {
      const { exitCode, stderr, asked } = await saveTo(path);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: 'failed to save image: cannot write to a character device file\n',
      });
      expect(asked.filter((request) => request.path.includes('get'))).toEqual([]);
    }
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
    const exported = await runAgainstFake(['export', '-o', '/dev/null', 'box'], { exchanges });
    expect(exported.stderr).toBe('failed to export container: cannot write to a character device file\n');
  });

  test('is refused a directory, and a place in none', async () => {
    expect((await saveTo(directory)).stderr).toBe('failed to save image: cannot write to a directory\n');
    expect((await saveTo(join(directory, 'no', 'a.tar'))).stderr).toBe(
      `failed to save image: invalid output path: stat ${join(directory, 'no')}: no such file or directory\n`,
    );
  });
});
