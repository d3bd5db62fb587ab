import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError } from '../lib/errors.ts';
import { lockDataDirectory } from './data-lock.ts';

test('a data directory is locked by one at a time', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cais-lock-'));
  try {
    {
      using _held = lockDataDirectory(directory);
      expect(() => lockDataDirectory(directory)).toThrow(ConflictError);
    }
    lockDataDirectory(directory)[Symbol.dispose]();
  } finally {
    await rm(directory, { recursive: true });
  }
});
