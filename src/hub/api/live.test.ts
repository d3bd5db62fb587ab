/** What open pages are told, for how long, and how many of them. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { LiveProgress } from '../../hub-api/types.ts';
import { createLog } from '../../lib/log.ts';
import { createHub } from '../hub.ts';
import { serveHub } from '../server.ts';
import { Acme } from '../testing/acme.ts';
import { HubFixture } from '../testing/hub-fixture.ts';
import { LiveReader } from '../testing/live-reader.ts';
import { testSelf } from '../testing/test-self.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const path = '/v2/repositories/alice/app';

async function follow(hub: HubFixture, address = `${path}/live`, token?: string): Promise<LiveReader> {
  return new LiveReader(await hub.send('GET', address, { token }));
}

describe('a page that follows a repository', () => {
  test('is told of a push within a second, and that it has changed', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    await using page = await follow(hub);
    await hub.pushImage('alice', 'alice/app', '2.0');
    const start = performance.now();
    expect((await page.nextOf('pushed'))?.data).toEqual({ tag: '2.0', account: 'alice' });
    expect(performance.now() - start).toBeLessThan(1000);
    expect(await page.nextOf('changed')).toEqual({ kind: 'changed', data: {} });
  });

  test('is told how far a layer has come while it arrives, and what has arrived', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    const token = await hub.fullToken('alice', 'alice/app');
    await using page = await follow(hub);
    const begun = await hub.send('POST', '/v2/alice/app/blobs/uploads/', { token });
    const { readable, writable } = new TransformStream<Uint8Array>();
    const location = begun.headers.get('Location') ?? '';
    const sent = hub.send('PATCH', location, { token, body: readable });
    const writer = writable.getWriter();
    const sizeTold = async (size: number): Promise<void> => {
      let told: LiveProgress | undefined;
      while (told?.arriving[0] !== size) told = (await page.nextOf('progress'))?.data as LiveProgress;
    };
    await writer.write(new Uint8Array(100_000));
    await sizeTold(100_000);
    await writer.write(new Uint8Array(50_000));
    await sizeTold(150_000);
    await writer.close();
    await sent;
    await hub.pushBlob(token, 'alice/app', 'another layer');
    let told: LiveProgress | undefined;
    while (told?.blobs !== 1) told = (await page.nextOf('progress'))?.data as LiveProgress;
    expect(told).toEqual({ arriving: [], blobs: 1, bytes: 'another layer'.length });
  });

  test('has to be one that may see it', async () => {
    await using acme = await Acme.create();
    await acme.createPrivate('app');
    const address = '/v2/repositories/acme/app/live';
    for (const who of [undefined, 'bob']) expect(await acme.status(who, 'GET', address)).toBe(404);
    expect(await acme.status(undefined, 'GET', '/v2/repositories/acme/none/live')).toBe(404);
    expect(await acme.status(undefined, 'GET', '/v2/user/live')).toBe(401);
    expect(await acme.status('alice', 'HEAD', address)).toBe(200);
  });

  test('is left out at once when the right is taken away', async () => {
    await using acme = await Acme.create();
    await acme.createPrivate('app');
    const rights = '/v2/repositories/acme/app/collaborators';
    await acme.send('alice', 'POST', rights, { user: 'bob', permission: 'read' });
    await using page = new LiveReader(await acme.send('bob', 'GET', '/v2/repositories/acme/app/live'));
    await acme.send('alice', 'DELETE', `${rights}/bob`);
    expect(await page.next()).toBeUndefined();
  });

  test('is left out when the repository becomes private, and when its session ends', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    const token = await hub.session('alice');
    const other = await hub.session('alice');
    await using stranger = await follow(hub);
    await using ended = await follow(hub, undefined, other);
    await using owner = await follow(hub, undefined, token);
    await hub.send('POST', '/v2/logout', { token: other, body: {} });
    await hub.send('POST', `${path}/privacy`, { token, body: { is_private: true } });
    expect([await stranger.next(), await ended.next()]).toEqual([undefined, undefined]);
    expect((await owner.next())?.kind).toBe('changed');
  });

  test('is not told of changed rights, which only administrators may know', async () => {
    await using acme = await Acme.create();
    await acme.hub.pushImage('alice', 'acme/app', '1.0');
    await using page = await follow(acme.hub, '/v2/repositories/acme/app/live');
    await acme.send('alice', 'POST', '/v2/repositories/acme/app/collaborators', {
      user: 'bob',
      permission: 'read',
    });
    await acme.hub.pushImage('alice', 'acme/app', '2.0');
    expect((await page.next())?.kind).toBe('pushed');
  });

  test('gets one answer to many changes, not a queue of them', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    const token = await hub.session('alice');
    await using page = await follow(hub);
    for (let number = 0; number < 50; number += 1) {
      await hub.send('PATCH', path, { token, body: { description: `number ${number}` } });
    }
    await hub.pushImage('alice', 'alice/app', 'last');
    let count = 0;
    while ((await page.next())?.kind === 'changed') count += 1;
    expect(count).toBeLessThan(40);
  });

  test('of one address is one of few; who leaves makes room', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    const pages: LiveReader[] = [];
    for (let number = 0; number < 30; number += 1) pages.push(await follow(hub));
    const refused = await hub.send('GET', `${path}/live`);
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '30']);
    const token = await hub.session('alice');
    await using _other = await follow(hub, undefined, token);
    await pages.pop()?.[Symbol.asyncDispose]();
    await using _again = await follow(hub);
    for (const page of pages) await page[Symbol.asyncDispose]();
  });
});

describe('a page that follows its reader', () => {
  test('is told of what they do, and of what happens in their namespace', async () => {
    await using acme = await Acme.create();
    await acme.hub.pushImage('alice', 'alice/app', '1.0');
    await using alice = new LiveReader(await acme.send('alice', 'GET', '/v2/user/live'));
    await acme.send('alice', 'POST', `${path}/collaborators`, { user: 'bob', permission: 'write' });
    expect((await alice.next())?.kind).toBe('changed');
    await acme.hub.pushImage('bob', 'alice/app', '2.0');
    expect((await alice.next())?.kind).toBe('changed');
    await acme.hub.pushImage('alice', 'acme/app', '1.0');
    expect((await alice.next())?.kind).toBe('changed');
  });
});

describe('over a port', () => {
  async function serve(hub: HubFixture) {
    await hub.pushImage('alice', 'alice/app', '1.0');
    const config = hub.config({ listen: '127.0.0.1:0' });
    const other = await createHub(config, { self: testSelf, log: createLog('hub', 'silent') });
    const server = serveHub(other, config.listen);
    return { other, server, address: `${server.url}${path}/live` };
  }

  test('a hub with pages that follow it stops at once', async () => {
    await using hub = await HubFixture.create('alice');
    const { other, server, address } = await serve(hub);
    await using _other = other;
    await using page = new LiveReader(await fetch(address));
    const ended = page.next();
    const start = performance.now();
    await server[Symbol.asyncDispose]();
    expect(performance.now() - start).toBeLessThan(1500);
    expect(await ended).toBeUndefined();
  });

  test('pages that are closed make room', async () => {
    await using hub = await HubFixture.create('alice');
    const { other, server, address } = await serve(hub);
    await using _other = other;
    await using _server = server;
    const closing = new AbortController();
    for (let number = 0; number < 30; number += 1) await fetch(address, { signal: closing.signal });
    expect((await fetch(address)).status).toBe(429);
    closing.abort();
    const deadline = Date.now() + 20_000;
    let status = 429;
    while (status === 429 && Date.now() < deadline) {
      await Bun.sleep(20);
      const answer = await fetch(address);
      status = answer.status;
      await answer.body?.cancel();
    }
    expect(status).toBe(200);
  });
});
