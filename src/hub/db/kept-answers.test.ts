import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubDatabase, KeptStatement } from './database.ts';
import { newPostgresDatabase } from '../testing/database-config.ts';
import { KeptAnswers } from './kept-answers.ts';
import { openDatabase } from './open-database.ts';

describe.each(['sqlite', 'postgres'] as const)('what is kept of a read, in %s', (kind) => {
  let directory = '';
  let database: HubDatabase;
  let other: HubDatabase;
  let invitation: KeptStatement<{ email: string }>;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cais-kept-'));
    const databasePath = join(directory, 'hub.sqlite');
    const postgres = kind === 'postgres' ? { url: await newPostgresDatabase(), poolSize: 2 } : undefined;
    database = await openDatabase({ databasePath, postgres });
    // As another process has it open.
    other = await openDatabase({ databasePath, postgres });
    invitation = database.prepareKept('SELECT email FROM invitations WHERE uuid = ?');
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  async function invite(through: HubDatabase, uuid: string): Promise<void> {
    const row = { uuid, token_hash: uuid, email: `${uuid}@hub.test`, created_at: 0, expires_at: 0 };
    await through.transaction((transaction) => transaction.insertInto('invitations').values(row).execute());
  }

  test('is the same object until something is written', async () => {
    await invite(database, 'a');
    const first = await invitation.get('a');
    expect(first).toEqual({ email: 'a@hub.test' });
    expect(await invitation.get('a')).toBe(first);
    await invite(database, 'b');
    expect(await invitation.get('a')).not.toBe(first);
    expect(await invitation.get('a')).toEqual({ email: 'a@hub.test' });
  });

  test('does not outlive a write of this process, not even for the same turn', async () => {
    expect(await invitation.get('a')).toBeUndefined();
    await invite(database, 'a');
    expect(await invitation.get('a')).toEqual({ email: 'a@hub.test' });
    await database.queries.updateTable('invitations').set({ email: 'new@hub.test' }).execute();
    expect(await invitation.get('a')).toEqual({ email: 'new@hub.test' });
    await database.exclusively((queries) => queries.deleteFrom('invitations').execute());
    expect(await invitation.get('a')).toBeUndefined();
  });

  test('does not outlive a write of another process beyond the request', async () => {
    expect(await invitation.get('a')).toBeUndefined();
    await invite(other, 'a');
    await database.refresh();
    expect(await invitation.get('a')).toEqual({ email: 'a@hub.test' });
    await other.queries.deleteFrom('invitations').execute();
    await database.refresh();
    expect(await invitation.get('a')).toBeUndefined();
  });
});

describe('the room for answers', () => {
  test('is bounded: large ones are read each time, and many small ones make room', () => {
    const kept = new KeptAnswers(() => false);
    let reads = 0;
    const read = kept.of(
      (size) => {
        reads += 1;
        return size as number;
      },
      (size) => size,
    );
    read(100_000);
    read(100_000);
    expect(reads).toBe(2);
    read(1);
    read(1);
    expect(reads).toBe(3);
    for (let size = 50_000; size < 50_200; size++) read(size);
    read(1);
    expect(reads).toBe(204);
  });
});
