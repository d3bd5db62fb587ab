/**
 * kill -9 at random moments while images are pushed, tags moved and deleted: what was answered is there whole, what was not is whole
 * or nowhere. CAIS_TEST_CRASHES makes it happen more often.
 */
import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../lib/log.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { testHubConfig } from '../testing/test-hub-config.ts';
import { openHubParts } from '../parts.ts';
import { type HubProcess, startHubProcess } from '../testing/hub-process.ts';
import { ImageClient } from '../testing/image-client.ts';
import { sweepUploads } from './upload-session.ts';

const crashes = Number(process.env['CAIS_TEST_CRASHES'] ?? 12);
const pushers = 4;

setDefaultTimeout(crashes * 5000 + 60_000);

let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-hub-crashes-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What the hub said of each tag: its last digest, or undefined where the answer never came. */
type Told = Map<string, Digest | undefined>;

/** Pushes until the hub dies. */
async function pushOn(client: ImageClient, pusher: number, crash: number, told: Told): Promise<void> {
  for (let round = 0; ; round++) {
    const tag = `p${pusher}-${round % 3}`;
    const layers = [`shared ${round % 4}`, `${crash} ${pusher} ${round}`].map(layer);
    const before = told.get(tag);
    told.set(tag, undefined);
    const digest = await client.push(`crash/app${pusher}`, tag, layers).catch(() => undefined);
    if (digest === undefined) return;
    expect(digest).not.toBe(before);
    told.set(tag, digest);
  }
}

function layer(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(200_000);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

/** Everything that is listed is there, every byte of it; and what was answered is what is listed. */
async function expectWhole(hub: HubProcess, told: readonly Told[]): Promise<void> {
  const client = new ImageClient(hub.url, 'crash');
  for (const [pusher, ofPusher] of told.entries()) {
    const repository = `crash/app${pusher}`;
    const response = await client.send(repository, 'GET', 'tags/list');
    const tags = response.status === 200 ? ((await response.json()) as { tags: string[] }).tags : [];
    for (const tag of tags) await client.pull(repository, tag);
    for (const [tag, digest] of ofPusher) {
      if (digest === undefined) continue;
      const head = await client.send(repository, 'HEAD', `manifests/${tag}`);
      expect(head.headers.get('Docker-Content-Digest')).toBe(digest);
    }
  }
}

async function expectSound(): Promise<void> {
  const database = new Database(join(directory, 'hub/hub.sqlite'), { readonly: true });
  expect(database.query('PRAGMA integrity_check').values()).toEqual([['ok']]);
  expect(database.query('PRAGMA foreign_key_check').values()).toEqual([]);
  database.close();
  for (const name of await readdir(join(directory, 'hub/blobs/sha256'), { recursive: true })) {
    if (!/^..\/[0-9a-f]{64}$/.test(name)) continue;
    const bytes = await Bun.file(join(directory, 'hub/blobs/sha256', name)).bytes();
    expect(digestOf(bytes) as string).toBe(`sha256:${name.slice(3)}`);
  }
}

test('whatever moment it is', async () => {
  let hub = await startHubProcess(directory);
  await ImageClient.signUp(hub.url, 'crash');
  const told: Told[] = Array.from({ length: pushers }, () => new Map());
  let pushed = 0;
  for (let crash = 0; crash < crashes; crash++) {
    const client = new ImageClient(hub.url, 'crash');
    // Tokens first: hashing a password takes most of the time until a crash.
    for (let pusher = 0; pusher < pushers; pusher++) await client.token(`crash/app${pusher}`);
    const pushing = told.map((ofPusher, pusher) => pushOn(client, pusher, crash, ofPusher));
    await Bun.sleep(20 + Math.random() * 400);
    await hub.kill();
    await Promise.all(pushing);
    pushed += told.reduce((sum, each) => sum + [...each.values()].filter(Boolean).length, 0);
    hub = await startHubProcess(directory);
    await expectWhole(hub, told);
  }
  await hub.kill();
  await expectSound();
  expect(pushed).toBeGreaterThan(crashes);
});

test('what the crashes left on the way is swept', async () => {
  await using parts = await openHubParts(testHubConfig({ data: directory }), createLog('hub', 'silent'));
  await sweepUploads(parts, new Date(Date.now() + 60_000));
  expect(await readdir(join(directory, 'hub/ingest'))).toEqual([]);
});
