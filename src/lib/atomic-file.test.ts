import { describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from './atomic-file.ts';

describe('writeFileAtomic', () => {
  test('replaces the file as a whole, with the mode asked for', async () => {
    await inDirectory(async (directory) => {
      const path = join(directory, 'config.json');
      await writeFileAtomic(path, 'old');
      await writeFileAtomic(path, 'new', 0o600);
      expect(await Bun.file(path).text()).toBe('new');
      expect((await Bun.file(path).stat()).mode & 0o777).toBe(0o600);
      expect(await readdir(directory)).toEqual(['config.json']);
    });
  });

  test('leaves the old file and nothing else when it cannot be written', async () => {
    await inDirectory(async (directory) => {
      const path = join(directory, 'taken');
      await Bun.write(join(path, 'inside'), 'a directory is in the way');
      await expect(writeFileAtomic(path, 'new')).rejects.toThrow();
      expect(await readdir(directory)).toEqual(['taken']);
    });
  });
});

async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-atomic-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
