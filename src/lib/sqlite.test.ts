import { describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from './sqlite.ts';

describe('openSqlite', () => {
  const first = 'CREATE TABLE images (id TEXT)';
  const second = 'ALTER TABLE images ADD COLUMN size INTEGER';

  test('applies only the migrations that a file lacks', async () => {
    await inDirectory((path) => {
      openSqlite(path, [first]).close();
      const database = openSqlite(path, [first, second]);
      database.run('INSERT INTO images VALUES (?, ?)', ['a', 1]);
      database.close();
      const again = openSqlite(path, [first, second]);
      expect(again.query('SELECT * FROM images').all()).toEqual([{ id: 'a', size: 1 }]);
      again.close();
    });
  });

  test('applies all of them or none', async () => {
    await inDirectory((path) => {
      expect(() => openSqlite(path, [first, 'nonsense'])).toThrow();
      openSqlite(path, [first, second]).close();
    });
  });
});

async function inDirectory(use: (path: string) => void): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-sqlite-'));
  try {
    use(join(directory, 'test.sqlite'));
  } finally {
    await rm(directory, { recursive: true });
  }
}
