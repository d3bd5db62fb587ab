import { expect, test } from 'bun:test';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spreadDirectories } from './inode-flags.ts';

test('a directory that spreads is a directory as before', async () => {
  const root = await mkdtemp(join(tmpdir(), 'inode-flags-'));
  try {
    spreadDirectories(root);
    spreadDirectories(root);
    await mkdir(join(root, 'a'));
    expect((await stat(join(root, 'a'))).isDirectory()).toBe(true);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('a file system without flags is left as it is', () => {
  expect(() => spreadDirectories('/proc')).not.toThrow();
});
