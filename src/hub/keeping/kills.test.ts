/**
 * kill -9 at random instants of pushes, deletes, collections of garbage, upgrades of the schema and moves to another database: after
 * each the hub starts, a check of everything finds nothing wrong, and what was acknowledged is there. CAIS_TEST_KILLS makes it happen
 * more often.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError } from '../../lib/errors.ts';
import { createLog } from '../../lib/log.ts';
import { readHubConfig } from '../config.ts';
import { FrozenSource } from '../db/move/frozen-source.ts';
import { openDatabase } from '../db/open-database.ts';
import { addUser } from '../accounts/administer.ts';
import { type HubParts, openHubParts } from '../parts.ts';
import { sweepUploads } from '../registry/upload-session.ts';
import { busyRepository } from '../testing/busy-hub.ts';
import { emptyPostgresDatabase, newPostgresDatabase } from '../testing/database-config.ts';
import { liveAndDie } from '../testing/mortal-hub.ts';
import { makeOldPostgres, makeOldSqlite } from '../testing/old-hub.ts';
import { fsck } from './fsck/fsck.ts';

const kills = Number(process.env['CAIS_TEST_KILLS'] ?? 40);
const killsOfAKind = kills / 5;
/** Hubs that are killed at the same time, each over data of its own. */
const lanes = 2;
/** In milliseconds. */
const shortLife = 100;

setDefaultTimeout(kills * 3000 + 120_000);

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-hub-kills-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What was acknowledged of each tag: its digest, null when it is gone, undefined where the answer never came. */
type Told = Map<string, string | null | undefined>;

function note(told: Told, lines: readonly string[]): void {
  for (const line of lines) {
    const [kind, tag = '', digest] = line.split(' ');
    if (kind === 'begin') told.set(tag, undefined);
    else if (kind === 'is') told.set(tag, digest);
    else if (kind === 'gone') told.set(tag, null);
  }
}

function open(data: string, settings: Readonly<Record<string, string>> = {}): Promise<HubParts> {
  return openHubParts(readHubConfig({ data }, settings), createLog('hub', 'silent'));
}

/** A hub that has images, as it told. */
async function hubInUse(name: string): Promise<{ readonly data: string; readonly told: Told }> {
  const data = await newHub(name);
  const told: Told = new Map();
  while (told.size < 3) note(told, (await liveAndDie(data, 'delete', 300)).lines);
  return { data, told };
}

async function newHub(name: string): Promise<string> {
  const data = join(directory, name);
  await using parts = await open(data);
  const account = { username: 'busy', email: 'b@hub.test', password: 'correct horse battery', isAdmin: true };
  await addUser(parts, account);
  return data;
}

async function expectSound(parts: HubParts, told: Told): Promise<void> {
  expect(await Array.fromAsync(fsck(parts, { isQuick: false }))).toEqual([]);
  const repository = await parts.repositories.find(busyRepository);
  for (const [tag, digest] of told) {
    if (digest === undefined) continue;
    const found = repository && (await parts.manifests.head(repository.id, { tag }));
    expect([tag, found?.digest ?? null]).toEqual([tag, digest]);
  }
}

test.each(['push', 'delete', 'collect'] as const)('whatever moment of a %s it is', async (work) => {
  const killed = async (lane: number): Promise<number> => {
    const data = await newHub(`${work}-${lane}`);
    const told: Told = new Map();
    let acknowledged = 0;
    // Long enough for something to be acknowledged in most lives, however slow the machine is.
    let longest = shortLife;
    for (let count = 0; count < killsOfAKind / lanes; count++) {
      const { lines } = await liveAndDie(data, work, Math.random() * longest);
      note(told, lines);
      const answers = lines.filter((line) => /^(?:is|gone) /.test(line)).length;
      acknowledged += answers;
      longest = Math.max(shortLife, answers === 0 ? longest * 2 : longest / 2);
      await using parts = await open(data);
      await expectSound(parts, told);
    }
    await using parts = await open(data);
    await sweepUploads(parts, new Date(Date.now() + 60_000));
    expect(await readdir(join(data, 'hub/ingest')).catch(() => [])).toEqual([]);
    return acknowledged;
  };
  const acknowledged = await Promise.all(Array.from({ length: lanes }, (_, lane) => killed(lane)));
  expect(Math.min(...acknowledged)).toBeGreaterThan(0);
});

test('whatever moment of a move to PostgreSQL it is, which goes on where it was', async () => {
  const { data, told } = await hubInUse('move');
  const { databasePath } = readHubConfig({ data }, {});
  let moved = 0;
  for (let count = 0; count < killsOfAKind;) {
    const url = await newPostgresDatabase();
    const settings = { CAIS_HUB_DATABASE: url, CAIS_HUB_DATABASE_POOL: '2' };
    let longest = shortLife;
    for (let hasEnded = false; !hasEnded; count++) {
      const life = await liveAndDie(data, 'move', Math.random() * longest, url);
      longest *= 1.3;
      ({ hasEnded } = life);
      // The one that is left serves pulls, and nothing was lost there.
      await using parts = await open(data);
      await expectSound(parts, told);
      if (hasEnded) continue;
      const { postgres } = readHubConfig({ data }, settings);
      // Refused until all of it has arrived.
      const opened = await openDatabase({ databasePath, postgres }).catch((error: unknown) => error);
      if (opened instanceof Error) expect(opened).toBeInstanceOf(ConflictError);
      else await (opened as AsyncDisposable)[Symbol.asyncDispose]();
    }
    await using parts = await open(data, settings);
    await expectSound(parts, told);
    moved += 1;
    FrozenSource.thaw(databasePath);
  }
  expect(moved).toBeGreaterThan(0);
});

describe.each(['sqlite', 'postgres'] as const)('in %s', (kind) => {
  test('whatever moment of an upgrade of the schema it is, which is done as a whole or not at all', async () => {
    const { data, told } = await hubInUse(`upgrade-${kind}`);
    const { databasePath } = readHubConfig({ data }, {});
    const today = join(directory, `${kind}.today`);
    const old = join(directory, `${kind}.old`);
    {
      await using parts = await open(data);
      await parts.database.copyTo(today);
    }
    makeOldSqlite(old, today);
    let cutOff = 0;
    let longest = shortLife;
    for (let count = 0; count < killsOfAKind / 2; count++) {
      let url = '';
      if (kind === 'sqlite') {
        await Promise.all(
          [databasePath, `${databasePath}-wal`, `${databasePath}-shm`].map((path) =>
            rm(path, { force: true }),
          ),
        );
        await copyFile(old, databasePath);
      } else {
        url = await emptyPostgresDatabase();
        await makeOldPostgres(url, old);
      }
      const { hasEnded } = await liveAndDie(data, 'upgrade', Math.random() * longest, url);
      // Around the time that it takes.
      longest *= hasEnded ? 0.6 : 1.6;
      if (!hasEnded) cutOff += 1;
      const settings = url ? { CAIS_HUB_DATABASE: url } : {};
      await using parts = await open(data, settings);
      await expectSound(parts, told);
    }
    expect(cutOff).toBeGreaterThan(0);
  });
});
