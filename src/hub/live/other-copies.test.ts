/** A page that follows at one copy of the hub what happens at another. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { LiveProgress } from '../../hub-api/types.ts';
import type { HubFixture } from '../testing/hub-fixture.ts';
import { LiveReader } from '../testing/live-reader.ts';
import { PostgresServer } from '../testing/postgres-server.ts';
import { startTwoCopies, type TwoCopies } from '../testing/two-copies.ts';

setDefaultTimeout(120_000);

let server: PostgresServer;
let copies: TwoCopies;
let one: HubFixture;
let other: HubFixture;
beforeAll(async () => {
  server = await PostgresServer.start();
  copies = await startTwoCopies({ CAIS_HUB_DATABASE: await server.create() }, 'alice');
  ({ one, other } = copies);
  await one.pushImage('alice', 'alice/app', '1.0');
});
afterAll(async () => {
  await copies[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function follow(hub: HubFixture): Promise<LiveReader> {
  return new LiveReader(await hub.send('GET', '/v2/repositories/alice/app/live'));
}

/** What the page is told, once something of it has happened: the copies may just have begun to listen. */
async function untilTold(
  page: LiveReader,
  kind: string,
  happen: (round: number) => Promise<unknown>,
): Promise<unknown> {
  const heard = page.nextOf(kind);
  for (let round = 0; ; round += 1) {
    await happen(round);
    const event = await Promise.race([heard, Bun.sleep(300)]);
    if (event) return event.data;
  }
}

test('is told of a push, and how far its layers have come', async () => {
  await using page = await follow(other);
  const push = (round: number): Promise<unknown> => one.pushImage('alice', 'alice/app', `2.${round}`);
  expect(await untilTold(page, 'pushed', push)).toMatchObject({ account: 'alice' });

  const token = await one.fullToken('alice', 'alice/app');
  const begun = await one.send('POST', '/v2/alice/app/blobs/uploads/', { token });
  const { readable, writable } = new TransformStream<Uint8Array>();
  const sent = one.send('PATCH', begun.headers.get('Location') ?? '', { token, body: readable });
  const writer = writable.getWriter();
  await writer.write(new Uint8Array(100_000));
  let progress: LiveProgress | undefined;
  while (progress?.arriving[0] !== 100_000) progress = (await page.nextOf('progress'))?.data as LiveProgress;
  await writer.close();
  await sent;
  while (progress?.arriving.length !== 0) progress = (await page.nextOf('progress'))?.data as LiveProgress;
});

test('reads anew once the database, which carries word, was away', async () => {
  await using page = await follow(other);
  await server.kill();
  const changed = page.nextOf('changed');
  await server.resume();
  expect(await changed).toEqual({ kind: 'changed', data: {} });
  const push = (round: number): Promise<unknown> => one.pushImage('alice', 'alice/app', `3.${round}`);
  expect(await untilTold(page, 'pushed', push)).toMatchObject({ account: 'alice' });
});

test('is told once of what happens at its own copy', async () => {
  await using page = await follow(one);
  await one.pushImage('alice', 'alice/app', '4.0');
  await one.pushImage('alice', 'alice/app', '5.0');
  const tags: unknown[] = [];
  while (!tags.includes('5.0')) {
    const event = await page.nextOf('pushed');
    tags.push((event?.data as { tag: string } | undefined)?.tag);
  }
  expect(tags.filter((tag) => tag === '4.0').length).toBeLessThan(2);
});
