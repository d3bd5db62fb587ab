/** Pulls are counted by day and by tag, and lost neither by a stop nor by a database that is busy. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import type { pullsSchema } from '../../hub-api/schemas/pulls.ts';
import type { Tag } from '../../hub-api/types.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { createLog } from '../../lib/log.ts';
import { collectGarbage } from '../registry/collect-garbage.ts';
import { PullCounter } from '../repositories/pull-counter.ts';
import { dayOf } from '../repositories/pull-store.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { startHubProcess } from '../testing/hub-process.ts';
import { ImageClient } from '../testing/image-client.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

type Pulls = z.output<typeof pullsSchema>;

async function pull(hub: HubFixture, ...references: readonly string[]): Promise<void> {
  const token = await hub.token(undefined, 'repository:alice/app:pull');
  for (const reference of references) {
    const response = await hub.send('GET', `/v2/alice/app/manifests/${reference}`, { token });
    expect(response.status).toBe(200);
  }
}

async function pullsOf(hub: HubFixture, query = ''): Promise<Pulls> {
  const response = await hub.send('GET', `/v2/repositories/alice/app/pulls/${query}`);
  return (await response.json()) as Pulls;
}

async function tagOf(hub: HubFixture, name: string): Promise<Tag> {
  return (await (await hub.send('GET', `/v2/repositories/alice/app/tags/${name}/`)).json()) as Tag;
}

describe('pulls', () => {
  test('of days that nobody can ask for any more are kept as a sum', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    await pull(hub, '1.0');
    await hub.restart();
    const today = dayOf(Date.now());
    const counted = async (table: 'tag_pulls' | 'repository_pulls'): Promise<object[]> => {
      await using parts = await hub.openParts();
      return await parts.database.queries.selectFrom(table).select(['day', 'pulls']).orderBy('day').execute();
    };
    {
      await using parts = await hub.openParts();
      for (const [day, pulls] of [
        [today - 366, 8],
        [today - 367, 16],
        [today - 365, 32],
      ] as const) {
        const row = { repository_id: 1, day, pulls };
        await parts.database.queries.insertInto('repository_pulls').values(row).execute();
        await parts.database.queries
          .insertInto('tag_pulls')
          .values({ ...row, tag: '1.0' })
          .execute();
      }
      for (let round = 0; round < 2; round++) {
        await collectGarbage(parts, { before: new Date(0), untagged: false, dryRun: false });
      }
    }
    const kept = [
      { day: today - 365, pulls: 32 },
      { day: today, pulls: 1 },
    ];
    expect(await counted('tag_pulls')).toEqual([{ day: 0, pulls: 24 }, ...kept]);
    expect(await counted('repository_pulls')).toEqual(kept);
    expect((await tagOf(hub, '1.0')).pull_count).toBe(57);
    expect((await pullsOf(hub, '?days=366')).tags).toEqual([{ name: '1.0', pulls: 33 }]);
  });

  test('are told in all, of each day, and by tag', async () => {
    await using hub = await HubFixture.create('alice');
    const old = await hub.pushImage('alice', 'alice/app', '1.0');
    await hub.pushImage('alice', 'alice/app', '2.0');
    await hub.pushImage('alice', 'alice/app', 'latest', '2.0');
    await pull(hub, '1.0', '2.0', '2.0');
    // Nobody can tell by which tag a digest was found.
    await pull(hub, old.digest);
    await hub.restart();
    const pulls = await pullsOf(hub);
    expect(pulls).toMatchObject({
      pull_count: 4,
      tags: [
        { name: '1.0', pulls: 2 },
        { name: '2.0', pulls: 2 },
      ],
    });
    expect(pulls.days).toHaveLength(30);
    const today = new Date().toISOString().slice(0, 10);
    expect(pulls.days.at(-1)).toEqual({ date: today, pulls: 4 });
    expect(pulls.last_pulled).toStartWith(today);
    expect(pulls.last_pushed).toStartWith(today);
    const { pull_count, tag_last_pulled, images } = await tagOf(hub, '2.0');
    expect([pull_count, tag_last_pulled, images[0]?.last_pulled]).toEqual([
      2,
      pulls.last_pulled,
      pulls.last_pulled,
    ]);
    expect((await pullsOf(hub, '?days=7')).days).toHaveLength(7);
    expect((await pullsOf(hub, '?days=999')).days).toHaveLength(366);
    expect((await hub.send('GET', '/v2/repositories/alice/app/pulls/?days=x')).status).toBe(400);
  });

  test('of an index count for its tag, and once for the image that is fetched by it', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', 'alice/app', 'child');
    const token = await hub.fullToken('alice', 'alice/app');
    await hub.send('DELETE', '/v2/alice/app/manifests/child', { token });
    const manifests = [{ mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.bytes.length }];
    const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
    await hub.putManifest(token, 'alice/app', 'all', index, mediaTypes.ociIndex);
    await pull(hub, 'all', image.digest);
    await hub.restart();
    expect(await pullsOf(hub)).toMatchObject({ pull_count: 1, tags: [{ name: 'all', pulls: 1 }] });
  });

  test('of many names are written within a second or two', async () => {
    await using hub = await HubFixture.create('alice');
    for (let number = 0; number < 5; number += 1) await hub.pushImage('alice', 'alice/app', `t${number}`);
    await pull(hub, 't0', 't1', 't2', 't3', 't4');
    const deadline = Date.now() + 20_000;
    while ((await pullsOf(hub)).pull_count < 5 && Date.now() < deadline) await Bun.sleep(50);
    expect((await pullsOf(hub)).tags).toHaveLength(5);
  });

  test('are lost by a kill -9 only when they are of its last second', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cais-pulls-'));
    await using stack = new AsyncDisposableStack();
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    const first = await startHubProcess(directory);
    stack.defer(() => first.kill());
    const client = await ImageClient.signUp(first.url, 'alice');
    await client.push('alice/app', 'v1', [new TextEncoder().encode('layer')]);
    for (let times = 0; times < 120; times += 1) await client.pull('alice/app', 'v1');
    await Bun.sleep(2500);
    await first.kill();
    const second = await startHubProcess(directory);
    stack.defer(() => second.kill());
    const response = await fetch(`${second.url}/v2/repositories/alice/app/pulls/`);
    expect(((await response.json()) as Pulls).pull_count).toBe(120);
  });

  test('of more names than fit one transaction are all written', async () => {
    await using hub = await HubFixture.create('alice');
    const { digest, bytes } = await hub.pushImage('alice', 'alice/app', 't0');
    const token = await hub.fullToken('alice', 'alice/app');
    await using parts = await hub.openParts();
    await using counter = new PullCounter(parts.database, createLog('hub', 'silent'));
    for (let number = 0; number < 220; number += 1) {
      await hub.putManifest(token, 'alice/app', `t${number}`, bytes);
      counter.count(1, { tag: `t${number}` }, digest, true);
    }
    await counter.flush();
    const pulls = await pullsOf(hub);
    expect([pulls.pull_count, pulls.tags.length]).toEqual([220, 100]);
  });

  test('that cannot be written are kept for the next time', async () => {
    await using hub = await HubFixture.create('alice');
    const { digest } = await hub.pushImage('alice', 'alice/app', '1.0');
    await using parts = await hub.openParts();
    await using counter = new PullCounter(parts.database, createLog('hub', 'silent'));
    const [{ id }] = (await parts.database.queries.selectFrom('repositories').select('id').execute()) as [
      { id: number },
    ];
    await parts.database.queries.schema.alterTable('repository_pulls').renameTo('elsewhere').execute();
    counter.count(id, { tag: '1.0' }, digest, true);
    await expect(counter.flush()).rejects.toThrow();
    await parts.database.queries.schema.alterTable('elsewhere').renameTo('repository_pulls').execute();
    counter.count(id, { tag: '1.0' }, digest, true);
    await counter.flush();
    expect((await pullsOf(hub)).pull_count).toBe(2);
  });

  test('of a repository that is gone meanwhile keep no other from being counted', async () => {
    await using hub = await HubFixture.create('alice');
    const { digest } = await hub.pushImage('alice', 'alice/app', '1.0');
    await using parts = await hub.openParts();
    await using counter = new PullCounter(parts.database, createLog('hub', 'silent'));
    counter.count(999, { tag: '1.0' }, digest, true);
    counter.count(1, { digest }, digest, true);
    await counter.flush();
    expect((await pullsOf(hub)).pull_count).toBe(1);
  });
});
