import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WalIndex } from './wal-index.ts';

let directory = '';
let path = '';
let database: Database;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-wal-index-'));
  path = join(directory, 'hub.sqlite');
  database = new Database(path, { create: true });
  database.run('PRAGMA journal_mode = WAL');
  database.run('CREATE TABLE names (name TEXT)');
});
afterEach(async () => {
  database.close();
  await rm(directory, { recursive: true, force: true });
});

/** Opens and writes as `cais hub user add` does beside a hub that serves. */
async function writeElsewhere(statement: string): Promise<void> {
  const program = `const db = new (require('bun:sqlite').Database)(${JSON.stringify(path)}); db.run(${JSON.stringify(statement)}); db.close();`;
  const child = Bun.spawn([process.execPath, '-e', program], { stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await child.exited).toBe(0);
}

describe('a look at whether a database has changed', () => {
  test('sees what was committed, by this process and by others, once', async () => {
    using index = new WalIndex(path);
    expect([index.hasChanged(), index.hasChanged()]).toEqual([true, false]);
    database.run("INSERT INTO names VALUES ('alice')");
    expect([index.hasChanged(), index.hasChanged()]).toEqual([true, false]);
    await writeElsewhere("INSERT INTO names VALUES ('bob')");
    expect([index.hasChanged(), index.hasChanged()]).toEqual([true, false]);
    expect(database.query('SELECT count(*) AS count FROM names').get()).toEqual({ count: 2 });
    expect(index.hasChanged()).toBe(false);
  });

  test('sees every commit, also when the log begins anew after a checkpoint', () => {
    using index = new WalIndex(path);
    const add = database.prepare('INSERT INTO names VALUES (?)');
    for (let number = 0; number < 500; number += 1) {
      index.hasChanged();
      add.run(String(number));
      expect(index.hasChanged()).toBe(true);
      if (number % 100 === 0) database.run('PRAGMA wal_checkpoint(TRUNCATE)');
    }
  });

  test('does not end the locks of this process: nobody else writes in the middle of a transaction', async () => {
    using _first = new WalIndex(path);
    database.run('BEGIN IMMEDIATE');
    new WalIndex(path)[Symbol.dispose]();
    const other = 'PRAGMA busy_timeout = 0; BEGIN IMMEDIATE';
    const program = `const db = new (require('bun:sqlite').Database)(${JSON.stringify(path)}); db.run(${JSON.stringify(other)});`;
    const child = Bun.spawn([process.execPath, '-e', program], { stdio: ['ignore', 'ignore', 'pipe'] });
    expect(await new Response(child.stderr).text()).toContain('database is locked');
    database.run('ROLLBACK');
  });

  test('is no look any more once it is over: everything counts as changed', () => {
    const index = new WalIndex(path);
    index[Symbol.dispose]();
    expect([index.hasChanged(), index.hasChanged()]).toEqual([true, true]);
  });
});
