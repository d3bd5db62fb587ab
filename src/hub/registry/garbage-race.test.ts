/**
 * Pushes against the collection of garbage, which runs over and over in the hub and beside it with a grace period as short as a
 * push: whatever was reported pushed can be pulled, every byte of it. CAIS_TEST_LOAD_SECONDS makes it go on for longer.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../lib/log.ts';
import { testHubConfig } from '../testing/test-hub-config.ts';
import { openHubParts } from '../parts.ts';
import { type HubProcess, startHubProcess } from '../testing/hub-process.ts';
import { ImageClient } from '../testing/image-client.ts';
import { collectGarbage } from './collect-garbage.ts';

const seconds = Number(process.env['CAIS_TEST_LOAD_SECONDS'] ?? 10);
const grace = 1000;

setDefaultTimeout(seconds * 1000 + 60_000);

let directory = '';
let hub: HubProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-hub-garbage-'));
  hub = await startHubProcess(directory, '1s', '1s');
});

afterAll(async () => {
  await hub.kill();
  await rm(directory, { recursive: true, force: true });
});

/** Collects as the shell does until `work` has ended. The number of blobs removed. */
async function whileCollecting(work: Promise<unknown>): Promise<number> {
  await using parts = await openHubParts(testHubConfig({ data: directory }), createLog('hub', 'silent'));
  const ended = new AbortController();
  const end = (): void => ended.abort();
  void work.then(end, end);
  let removed = 0;
  while (!ended.signal.aborted) {
    const before = new Date(Date.now() - grace);
    removed += (await collectGarbage(parts, { before, untagged: true, dryRun: false })).blobs;
    await Bun.sleep(20);
  }
  await work;
  return removed;
}

function layer(name: string, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode(name));
  return bytes;
}

test('eight pushers that share layers, deleters, and two collectors', async () => {
  const client = await ImageClient.signUp(hub.url, 'pusher');
  const shared = Array.from({ length: 4 }, (_, number) => layer(`shared ${number}`, 20_000));
  const end = Date.now() + seconds * 1000;
  let pushed = 0;
  const kept: { readonly repository: string; readonly tag: string }[] = [];
  const pusher = async (number: number): Promise<void> => {
    const repository = `pusher/app${number % 4}`;
    for (let round = 0; Date.now() < end; round++) {
      const tag = `p${number}-${round}`;
      const layers = [...shared.slice(round % 4), layer(tag, 10_000)];
      // Sometimes longer than the grace period: then the manifest may be refused, but not accepted without its blobs.
      const digest = await client.push(repository, tag, layers, () =>
        Bun.sleep(Math.random() ** 3 * 2 * grace),
      );
      if (digest === undefined) continue;
      pushed += 1;
      await client.pull(repository, tag);
      if (Math.random() < 0.2) kept.push({ repository, tag });
      else await client.send(repository, 'DELETE', `manifests/${digest}`);
    }
  };
  const removed = await whileCollecting(
    Promise.all(Array.from({ length: 8 }, (_, number) => pusher(number))),
  );
  for (const { repository, tag } of kept) await client.pull(repository, tag);
  expect(pushed).toBeGreaterThan(seconds);
  expect(removed).toBeGreaterThan(seconds);
});

test('sixty-four clients push and pull the same and different images', async () => {
  const client = await ImageClient.signUp(hub.url, 'crowd');
  const base = layer('base of all', 100_000);
  const pushed: { readonly repository: string; readonly tag: string }[] = [];
  const end = Date.now() + seconds * 1000;
  const visitor = async (number: number): Promise<void> => {
    const repository = `crowd/app${number % 16}`;
    for (let round = 0; round < 2 || Date.now() < end; round++) {
      // One image of their own, and one that all of them push at the same time under the same name.
      const own = `t${number}-${round}`;
      const images = { [own]: [base, layer(own, 50_000)], latest: [base, layer(`round ${round}`, 50_000)] };
      for (const [tag, layers] of Object.entries(images)) {
        // Refused when so many clients take longer than the grace period: then it was not reported pushed.
        if (await client.push(repository, tag, layers)) pushed.push({ repository, tag });
      }
      const any = pushed[Math.floor(Math.random() * pushed.length)];
      if (any) await client.pull(any.repository, any.tag);
    }
  };
  await whileCollecting(Promise.all(Array.from({ length: 64 }, (_, number) => visitor(number))));
  for (const { repository, tag } of pushed) await client.pull(repository, tag);
  expect(pushed.length).toBeGreaterThan(64);
});
