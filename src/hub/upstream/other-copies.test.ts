/** The pull-through cache of a hub in two copies: what one has fetched, looked at or given up is so at the other. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { HubCopy } from '../../../tests/support/copies/hub-copy.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { FakeRegistry } from '../../../tests/support/fake-registry.ts';
import {
  forBlob,
  heldBy,
  type Puller,
  pullerAt,
  settingsFor,
} from '../../../tests/support/hub-with-upstream.ts';
import { startTestStore, storedBy, type TestStore } from '../../../tests/support/test-store.ts';
import type { CachedRepository, Page, PrunedCache } from '../../hub-api/types.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { collectGarbage } from '../registry/collect-garbage.ts';
import { sweepUploads } from '../registry/upload-session.ts';
import { bodyOf, type HubFixture } from '../testing/hub-fixture.ts';
import { startTwoCopies } from '../testing/two-copies.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(180_000);

const path = 'library/debian';

let store: TestStore;
beforeAll(async () => {
  store = await startTestStore();
});
afterAll(() => store[Symbol.asyncDispose]());

interface Copies extends AsyncDisposable {
  readonly upstream: FakeRegistry;
  readonly one: HubFixture;
  readonly other: HubFixture;
  readonly atOne: Puller;
  readonly atOther: Puller;
  /** Objects of both copies' store, and uploads in parts. */
  stored(): Promise<readonly string[]>;
  /** As if what is here had come long ago. */
  collect(): Promise<void>;
}

async function start(): Promise<Copies> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(new FakeRegistry());
  const settings = {
    ...store.settings,
    ...settingsFor(upstream),
    CAIS_HUB_UPSTREAM_AGE: '1h',
    CAIS_HUB_BLOBS: `s3://blobs/${crypto.randomUUID()}?downloads=stream`,
  };
  const { one, other } = stack.use(await startTwoCopies(settings, 'root1'));
  const started = stack.move();
  return {
    upstream,
    one,
    other,
    atOne: pullerAt(one),
    atOther: pullerAt(other),
    stored: () => storedBy(settings),
    async collect() {
      await using parts = await one.openParts();
      const before = new Date(Date.now() + 60_000);
      await sweepUploads(parts, before);
      await collectGarbage(parts, { before, untagged: false, dryRun: false });
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Of more than a part, and of the bytes that a compression leaves as they are. */
function newLayer(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(9 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

test('an image that is asked for at both at once is fetched once by each, and stored once', async () => {
  await using copies = await start();
  const { upstream, one, atOne, atOther } = copies;
  const image = upstream.addImage(path, 'latest', [newLayer()]);
  // Nobody is given anything of it before both have asked.
  const asked = new Map<string, PromiseWithResolvers<void>>();
  upstream.intercept = async (_request, line) => {
    if (!line.startsWith('GET')) return undefined;
    const both = asked.get(line) ?? Promise.withResolvers<void>();
    if (asked.has(line)) both.resolve();
    asked.set(line, both);
    await both.promise;
    return undefined;
  };
  const pulls = [atOne, atOther].flatMap((copy) => [1, 2, 3].map(() => copy.pull(path, 'latest')));
  expect(new Set(await Promise.all(pulls))).toEqual(new Set([image.manifest]));
  const blobs = [image.config, ...image.layers];
  for (const what of ['manifests/latest', ...blobs.map((digest) => `blobs/${digest}`)])
    expect([what, upstream.count(`GET /v2/${path}/${what}`)]).toEqual([what, 2]);
  await eventually(async () => expect(await heldBy(one)).toEqual([image.manifest, ...blobs].toSorted()));
  await eventually(async () => expect(await copies.stored()).toHaveLength(blobs.length));
  const fetched = upstream.requests.length;
  for (const copy of [atOne, atOther]) expect(await copy.pull(path, 'latest')).toBe(image.manifest);
  expect(upstream.requests.length).toBe(fetched);
});

test('what one has fetched the other gives; where the tag has moved to is seen at both once one has looked', async () => {
  await using copies = await start();
  const { upstream, one, atOne, atOther } = copies;
  const before = upstream.addImage(path, 'latest', [newLayer()]);
  expect(await atOne.pull(path, 'latest')).toBe(before.manifest);
  await eventually(async () => expect(await heldBy(one)).toHaveLength(3));
  const fetched = upstream.requests.length;
  expect(await atOther.pull(path, 'latest')).toBe(before.manifest);
  expect(upstream.requests.length).toBe(fetched);
  const after = upstream.addImage(path, 'latest', [newLayer()]);
  const named = async (copy: Puller): Promise<string | null> =>
    (await copy.head(`${path}/manifests/latest`)).headers.get('Docker-Content-Digest');
  expect([await named(atOne), await named(atOther)]).toEqual([before.manifest, before.manifest]);
  await one.query(sql`UPDATE cached_tags SET checked_at = 0`);
  expect(await named(atOne)).toBe(after.manifest);
  const looked = upstream.requests.length;
  expect([await named(atOther), await named(atOne)]).toEqual([after.manifest, after.manifest]);
  expect(upstream.requests.length).toBe(looked);
});

test('a copy that is killed in the middle of a blob leaves nothing, and the other one serves it', async () => {
  await using copies = await start();
  const { upstream, one, atOne } = copies;
  await using doomed = await HubCopy.start(one.environment);
  const bytes = newLayer();
  const digest = upstream.addBlob(path, bytes);
  upstream.intercept = forBlob(
    path,
    digest,
    () =>
      // All but its end, which never comes.
      new Response(new ReadableStream({ start: (controller) => controller.enqueue(bytes.slice(0, -5)) })),
  );
  const { token } = (await (await fetch(`${doomed.url}/token?scope=repository:${path}:pull`)).json()) as {
    token: string;
  };
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${doomed.url}/v2/${path}/blobs/${digest}`, { headers });
  const body = answer.bytes();
  body.catch(() => undefined);
  await eventually(async () => expect(await copies.stored()).not.toEqual([]));
  await doomed.end('SIGKILL');
  await expect(body).rejects.toThrow();
  expect(await filesOf(doomed)).toEqual([]);
  upstream.intercept = () => undefined;
  expect(digestOf(await atOne.blob(path, digest))).toBe(digest);
  await eventually(async () => expect(await heldBy(one)).toEqual([digest]));
  expect((await copies.stored()).length).toBeGreaterThan(1);
  await copies.collect();
  expect(await copies.stored()).toEqual([expect.stringContaining(digest.slice('sha256:'.length))]);
  expect(digestOf(await atOne.blob(path, digest))).toBe(digest);
});

/** What it has on its own disk of what is on its way. */
async function filesOf({ directory }: HubCopy): Promise<readonly string[]> {
  const names = await readdir(join(directory, 'hub'), { recursive: true });
  return names.filter((name) => /growing|upstream|ingest/.test(name));
}

test('the cache is seen and emptied through either, and then both ask upstream again', async () => {
  await using copies = await start();
  const { upstream, one, other, atOne, atOther } = copies;
  const token = await one.session('root1');
  const list = async (hub: HubFixture): Promise<readonly string[]> => {
    const answer = await hub.send('GET', '/v2/system/cache/repositories', { token });
    return (await bodyOf<Page<CachedRepository>>(answer)).results.map(({ name }) => name);
  };
  for (const name of ['someone/app', path]) {
    upstream.addImage(name, 'latest', [newLayer()]);
    await atOne.pull(name, 'latest');
  }
  await eventually(async () => expect(await heldBy(one)).toHaveLength(6));
  const [debian, app] = [`docker.io/${path}`, 'docker.io/someone/app'];
  for (const hub of [one, other]) expect(await list(hub)).toEqual([debian, app]);

  const removed = await other.send('DELETE', '/v2/system/cache/repositories?name=someone/app', { token });
  expect(removed.status).toBe(204);
  for (const hub of [one, other]) expect(await list(hub)).toEqual([debian]);
  const body = { all: true };
  const pruned = await bodyOf<PrunedCache>(
    await other.send('POST', '/v2/system/cache/prune', { token, body }),
  );
  expect(pruned).toMatchObject({ manifests: 1, blobs: 2 });
  for (const hub of [one, other]) expect(await list(hub)).toEqual([]);
  // What came within the last second a store cannot say the age of.
  await copies.collect();
  expect(await copies.stored()).toEqual([]);

  const asked = upstream.count('GET');
  await atOne.pull(path, 'latest');
  await atOther.pull('someone/app', 'latest');
  expect(upstream.count('GET')).toBe(asked + 6);
});
