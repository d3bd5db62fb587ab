/**
 * A clock that jumps, forwards and back: tokens may end early and uploads be forgotten, clients try again and succeed; nothing
 * acknowledged is lost, and nobody is kept out for as long as the jump was.
 */
import { afterEach, expect, setDefaultTimeout, setSystemTime, test } from 'bun:test';
import { digestOf } from '../oci/image/digest.ts';
import { fsck } from './keeping/fsck/fsck.ts';
import { collectGarbage } from './registry/collect-garbage.ts';
import { sweepUploads } from './registry/upload-session.ts';
import { basic, HubFixture, password } from './testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const hour = 3_600_000;
const day = 24 * hour;
const repository = 'alice/app';

function jump(milliseconds: number): void {
  setSystemTime(new Date(Date.now() + milliseconds));
}
afterEach(() => {
  setSystemTime();
});

/** What the hub does by itself, with the grace that it comes with. */
async function tidyUp(hub: HubFixture): Promise<void> {
  await using parts = await hub.openParts();
  await sweepUploads(parts);
  await collectGarbage(parts, { before: new Date(Date.now() - day), untagged: false, dryRun: false });
  expect(await Array.fromAsync(fsck(parts, { isQuick: false }))).toEqual([]);
}

test.each([
  ['two days forwards', 2 * day],
  ['two days back', -2 * day],
  ['an hour back', -hour],
])('%s, and right again: clients sign in anew and go on', async (_name, by) => {
  await using hub = await HubFixture.create('alice');
  const image = await hub.pushImage('alice', repository, '1.0');
  for (const step of [by, -by]) {
    jump(step);
    // A client whose token is refused asks for another.
    const token = await hub.fullToken('alice', repository);
    expect((await hub.send('GET', `/v2/${repository}/blobs/${image.layer}`, { token })).status).toBe(200);
    await tidyUp(hub);
    await hub.pushImage('alice', repository, `after ${step}`.replaceAll(' ', '-'));
    await tidyUp(hub);
    const session = await hub.session('alice');
    expect((await hub.send('GET', '/v2/user', { token: session })).status).toBe(200);
    expect((await hub.send('GET', `/v2/${repository}/manifests/1.0`, { token })).status).toBe(200);
  }
});

test('a jump in the middle of a push: it is refused clearly or is whole, and a second try succeeds', async () => {
  await using hub = await HubFixture.create('alice');
  const first = await hub.fullToken('alice', repository);
  const begun = await hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token: first });
  const location = begun.headers.get('Location') ?? '';
  await hub.send('PATCH', location, { token: first, body: 'the first half, ' });
  const blob = await hub.pushBlob(first, repository, 'a whole blob');
  jump(2 * day);
  await tidyUp(hub);
  const token = await hub.fullToken('alice', repository);
  const digest = digestOf('the first half, the second');
  const ended = await hub.send('PUT', `${location}?digest=${digest}`, { token, body: 'the second' });
  expect(ended.status).toBe(404);
  expect((await hub.send('HEAD', `/v2/${repository}/blobs/${blob}`, { token })).status).toBe(404);
  expect(await hub.pushBlob(token, repository, 'a whole blob')).toBe(blob);
  await hub.pushImage('alice', repository, '1.0');
  await tidyUp(hub);
});

test('whoever is over a limit waits for its window, not for the clock to catch up', async () => {
  await using hub = await HubFixture.create('alice');
  const signIn = (secret: string): Promise<Response> =>
    hub.send('GET', '/token', { headers: basic('alice', secret) });
  for (let tries = 0; tries < 10; tries++) await signIn('wrong');
  jump(-day);
  const refused = await signIn(password);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(300);
});
