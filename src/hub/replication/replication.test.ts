/** Replication to another hub: what arrives, what is not sent twice, what is tried again, and what is deleted. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';
import { RegistryTarget } from '../testing/registry-target.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { faults, startFaultyProxy } from '../../../tests/support/faulty-proxy.ts';

setDefaultTimeout(120_000);

interface Item {
  readonly repository: string;
  readonly tag: string;
  readonly state: string;
  readonly attempts: number;
  readonly failure: string | null;
  readonly bytes_done: number;
}

class Source {
  readonly hub: HubFixture;
  readonly #token: string;
  #id = 0;

  constructor(hub: HubFixture, token: string) {
    this.hub = hub;
    this.#token = token;
  }

  send(method: string, path: string, body?: object): Promise<Response> {
    return this.hub.send(method, `/v2/system/replications${path}`, {
      token: this.#token,
      ...(body && { body }),
    });
  }

  async rule(target: RegistryTarget, more: object = {}): Promise<Record<string, unknown>> {
    const body = {
      name: 'away',
      repositories: 'alice/*',
      registry: target.url,
      username: 'root1',
      password,
      ...more,
    };
    const made = await this.send('POST', '', { ...body, prefix: 'root1/' });
    expect(made.status).toBe(201);
    const rule = await bodyOf<{ id: number }>(made);
    this.#id = rule.id;
    return { ...rule };
  }

  change(body: object): Promise<Response> {
    return this.send('PATCH', `/${this.#id}`, body);
  }

  run(): Promise<Response> {
    return this.send('POST', `/${this.#id}/run`);
  }

  async items(): Promise<readonly Item[]> {
    const answer = await this.send('GET', `/${this.#id}/items?page_size=100`);
    return (await bodyOf<{ results: Item[] }>(answer)).results;
  }

  /** Waits until the items are so. */
  async until(condition: (items: readonly Item[]) => boolean): Promise<readonly Item[]> {
    for (;;) {
      const items = await this.items();
      if (condition(items)) return items;
      await Bun.sleep(30);
    }
  }

  done(count: number): Promise<readonly Item[]> {
    return this.until((items) => items.length === count && items.every(({ state }) => state === 'done'));
  }
}

async function sourceOf(hub: HubFixture): Promise<Source> {
  return new Source(hub, await hub.session('root1'));
}

async function manifestThere(
  { hub }: RegistryTarget,
  repository: string,
  reference: string,
): Promise<string | undefined> {
  const token = await hub.fullToken('root1', repository);
  const found = await hub.send('GET', `/v2/${repository}/manifests/${reference}`, { token });
  return found.status === 200 ? found.text() : undefined;
}

function manifest(more: object): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, ...more });
}

test('what is pushed arrives byte for byte: indexes, and what refers to an image, also later', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await using target = await RegistryTarget.start('root1');
  const source = await sourceOf(hub);
  await hub.pushImage('alice', 'alice/app', 'before');
  await hub.pushImage('alice', 'alice/other', 'x', 'not for this rule');
  expect(await source.rule(target, { repositories: 'alice/a*' })).toMatchObject({ has_password: true });
  await source.done(1);
  const image = await hub.pushImage('alice', 'alice/app', '1.0');
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [{ mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.bytes.length }],
  });
  const token = await hub.fullToken('alice', 'alice/app');
  expect((await hub.putManifest(token, 'alice/app', 'all', index, mediaTypes.ociIndex)).status).toBe(201);
  await source.done(3);
  expect(await manifestThere(target, 'root1/alice/app', 'all')).toBe(index);
  expect(await manifestThere(target, 'root1/alice/app', '1.0')).toBe(image.bytes);
  expect(await manifestThere(target, 'root1/alice/other', 'x')).toBeUndefined();
  const pull = await target.hub.fullToken('root1', 'root1/alice/app');
  const layer = await target.hub.send('GET', `/v2/root1/alice/app/blobs/${image.layer}`, { token: pull });
  expect(await layer.text()).toBe('layer of 1.0');

  const subject = { mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.bytes.length };
  const empty = await hub.pushBlob(token, 'alice/app', '{}');
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: empty, size: 2 };
  const signature = manifest({ artifactType: 'application/vnd.test.signature', config, layers: [], subject });
  expect((await hub.putManifest(token, 'alice/app', digestOf(signature), signature)).status).toBe(201);
  await source.until(() =>
    target.requests.includes(`PUT /v2/root1/alice/app/manifests/${digestOf(signature)}`),
  );
  await source.done(3);
  const listed = await target.hub.send('GET', `/v2/root1/alice/app/referrers/${image.digest}`, {
    token: pull,
  });
  const { manifests } = await bodyOf<{ manifests: { digest: string }[] }>(listed);
  expect(manifests.map(({ digest }) => digest)).toEqual([digestOf(signature)]);
});

test('what is there is not sent again, and what another repository has there is mounted', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await using target = await RegistryTarget.start('root1');
  const source = await sourceOf(hub);
  await source.rule(target);
  const image = await hub.pushImage('alice', 'alice/app', '1.0', 'same');
  await source.done(1);
  target.requests.length = 0;
  await hub.pushImage('alice', 'alice/copy', '1.0', 'same');
  await source.done(2);
  const sent = target.requests.filter((request) => /^(?:PATCH|PUT) .*blobs/.test(request));
  expect(sent).toEqual([]);
  expect(target.requests).toContain(
    `POST /v2/root1/alice/copy/blobs/uploads/?mount=${encodeURIComponent(image.layer)}&from=root1%2Falice%2Fapp`,
  );
  target.requests.length = 0;
  await source.run();
  await source.until(() => target.requests.filter((request) => request.startsWith('HEAD')).length >= 2);
  await source.done(2);
  expect(target.requests.filter((request) => /^(?:POST|PATCH|PUT)/.test(request))).toEqual([]);
});

test('a target that fails is told of, tried again later, and at once when asked to', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await using target = await RegistryTarget.start('root1');
  const source = await sourceOf(hub);
  target.interfere = () =>
    Response.json({ errors: [{ code: 'DENIED', message: 'closed today' }] }, { status: 403 });
  await source.rule(target);
  await hub.pushImage('alice', 'alice/app', '1.0');
  const [item] = await source.until(([first]) => first?.state === 'failed');
  expect(item).toMatchObject({ repository: 'alice/app', tag: '1.0', attempts: 1 });
  expect(item?.failure).toContain('denied');
  const list = await bodyOf<{ results: object[] }>(await source.send('GET', ''));
  expect(list.results).toMatchObject([{ failed: 1, done: 0, last_failure: item?.failure }]);
  target.interfere = () => undefined;
  await source.run();
  expect(await source.done(1)).toMatchObject([{ attempts: 0, failure: null }]);
});

test('what is deleted here is deleted there where the rule says so, and only what it has copied', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await using target = await RegistryTarget.start('root1');
  const source = await sourceOf(hub);
  await source.rule(target);
  for (const tag of ['1.0', '2.0', '3.0']) await hub.pushImage('alice', 'alice/app', tag);
  await source.done(3);
  await target.hub.pushImage('root1', 'root1/alice/app', 'its-own');
  const remove = async (tag: string): Promise<void> => {
    const token = await hub.session('alice');
    await hub.send('DELETE', `/v2/namespaces/alice/repositories/app/tags/${tag}`, { token });
  };
  await remove('1.0');
  await source.done(2);
  expect(await manifestThere(target, 'root1/alice/app', '1.0')).toBeDefined();
  await source.change({ deletions: true });
  await remove('2.0');
  await source.done(1);
  expect(await manifestThere(target, 'root1/alice/app', '2.0')).toBeUndefined();
  await hub.send('DELETE', '/v2/repositories/alice/app/', { token: await hub.session('alice') });
  await source.done(0);
  expect(await manifestThere(target, 'root1/alice/app', '3.0')).toBeUndefined();
  expect(await manifestThere(target, 'root1/alice/app', 'its-own')).toBeDefined();
});

test('a hub that ends in the middle goes on where the queue is, once the lease has ended', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await using target = await RegistryTarget.start('root1');
  const source = await sourceOf(hub);
  const reached = Promise.withResolvers<void>();
  target.interfere = (request) => {
    if (request.method !== 'PATCH') return undefined;
    reached.resolve();
    return new Promise<Response>(() => undefined);
  };
  await source.rule(target);
  await hub.pushImage('alice', 'alice/app', '1.0');
  await reached.promise;
  const [row] = await hub.query(sql<{ due: number; until: number }>`
    SELECT due_at AS due, leased_until AS until FROM replication_items`);
  expect(row?.due).toBeGreaterThan(0);
  expect(row?.until).toBeGreaterThan(Date.now());
  // As it is after kill -9: leased to a process that is no more.
  await hub.restart();
  await hub.query(sql`UPDATE replication_items SET lease = 'of the dead', leased_until = ${Date.now() - 1}`);
  target.interfere = () => undefined;
  await source.done(1);
  expect(await manifestThere(target, 'root1/alice/app', '1.0')).toBeDefined();
});

test('an upload that is cut off goes on where it stood, and what arrived is not sent again', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await using target = await RegistryTarget.start('root1');
  await using proxy = startFaultyProxy(target.url);
  const source = await sourceOf(hub);
  await source.rule(target, { is_enabled: false, registry: proxy.url });
  const layer = randomBytes(4 * 1024 * 1024).toString('base64');
  await hub.pushImage('alice', 'alice/app', '1.0', layer);
  const arrived: number[] = [];
  const isChunk = ({ method }: Request): boolean => method === 'PATCH';
  proxy.breakNext(isChunk, faults.cutUpload, faults.cutUpload, faults.cutUpload, faults.cutUpload);
  const count = async (request: Request): Promise<Response> => {
    const body = await request.bytes();
    arrived.push(body.length);
    return target.hub.fetch(request.url, { method: 'PATCH', headers: request.headers, body });
  };
  target.interfere = (request) => (isChunk(request) ? count(request) : undefined);
  await source.change({ is_enabled: true });
  const [item] = await source.done(1);
  expect(item?.attempts).toBe(0);
  expect(proxy.left).toBe(0);
  const token = await hub.fullToken('alice', 'alice/app');
  const image = await hub.send('GET', '/v2/alice/app/manifests/1.0', { token });
  const { config, layers } = await bodyOf<{ config: { size: number }; layers: { size: number }[] }>(image);
  const expected = [config, ...layers].reduce((sum, { size }) => sum + size, 0);
  expect(arrived.length).toBeGreaterThanOrEqual(6);
  expect(arrived.reduce((sum, bytes) => sum + bytes, 0)).toBe(expected);
  expect(await manifestThere(target, 'root1/alice/app', '1.0')).toBeDefined();
});

test.each(['alice/app', 'alice/other'])(
  'a new layer of two images is sent once: the second, of %s, waits, and finds it there or mounts it',
  async (second) => {
    await using hub = await HubFixture.create('root1', 'alice');
    await using target = await RegistryTarget.start('root1');
    const source = await sourceOf(hub);
    await source.rule(target);
    const before = await hub.pushImage('alice', 'alice/app', 'before');
    if (second !== 'alice/app') await hub.pushImage('alice', second, 'before');
    const earlier = second === 'alice/app' ? 1 : 2;
    await source.done(earlier);
    const bytes = randomBytes(4 * 1024 * 1024).toString('base64');
    const put = async (repository: string, tag: string): Promise<string> => {
      const token = await hub.fullToken('alice', repository);
      const digest = await hub.pushBlob(token, repository, bytes);
      const layers = [{ mediaType: mediaTypes.ociLayer, digest, size: bytes.length }];
      const image = JSON.stringify({ ...(JSON.parse(before.bytes) as object), layers });
      await hub.putManifest(token, repository, tag, image);
      return digest;
    };

    const isHalfThere = Promise.withResolvers<void>();
    const secondIsHere = Promise.withResolvers<void>();
    let arrived = 0;
    const halves = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      async transform(chunk, controller) {
        controller.enqueue(chunk);
        arrived += chunk.length;
        if (arrived < bytes.length / 2) return;
        isHalfThere.resolve();
        await secondIsHere.promise;
      },
    });
    const uploads: string[] = [];
    target.interfere = ({ method, url, headers, body }) => {
      if (method !== 'PATCH' || !body) return undefined;
      uploads.push(new URL(url).pathname);
      return target.hub.fetch(url, { method, headers, body: body.pipeThrough(halves) });
    };
    const digest = await put('alice/app', '1.0');
    await isHalfThere.promise;
    await put(second, 'latest');
    const asked = `HEAD /v2/root1/${second}/blobs/${digest}`;
    const askedBefore = target.requests.filter((request) => request === asked).length;
    await eventually(async () => {
      expect(target.requests.filter((request) => request === asked).length).toBeGreaterThan(askedBefore);
    });
    secondIsHere.resolve();
    expect((await source.done(earlier + 2)).map(({ attempts }) => attempts)).toEqual(
      Array.from({ length: earlier + 2 }, () => 0),
    );
    expect(uploads).toHaveLength(1);
    expect(await manifestThere(target, 'root1/alice/app', '1.0')).toContain(digest);
    expect(await manifestThere(target, `root1/${second}`, 'latest')).toContain(digest);
  },
);

test('passwords are sealed, never told, and may be files of the directory of secrets', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await using target = await RegistryTarget.start('root1');
  const source = await sourceOf(hub);
  const rule = await source.rule(target);
  expect(JSON.stringify(rule)).not.toContain(password);
  const [stored] = await hub.query(sql<{ secret: string }>`SELECT secret FROM replication_rules`);
  expect(stored?.secret).not.toContain(password);
  expect(Buffer.from(stored?.secret ?? '', 'base64url').toString()).not.toContain(password);
  // Without its key the sealed password is of no use, and that is said.
  const keys = hub.config().keysDirectory;
  expect(await readdir(keys)).toContain('secrets.key');
  await rename(join(keys, 'secrets.key'), join(keys, 'elsewhere'));
  await hub.restart();
  await hub.pushImage('alice', 'alice/app', '1.0');
  const [item] = await source.until(([first]) => first?.state === 'failed');
  expect(item?.failure).toContain('set it again');
  const { secretsDirectory } = hub.config();
  await mkdir(secretsDirectory);
  await writeFile(join(secretsDirectory, 'target'), `${password}\n`);
  await source.change({ password_file: 'target' });
  await source.done(1);
  for (const file of ['../keys/elsewhere', '/etc/passwd', '..', '.hidden']) {
    expect((await source.change({ password_file: file })).status).toBe(400);
  }
});

test('only administrators make rules, and only such as can be kept', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  const source = await sourceOf(hub);
  const body = { name: 'away', repositories: '*', registry: 'https://registry.test' };
  const alice = { token: await hub.session('alice'), body };
  expect((await hub.send('POST', '/v2/system/replications', alice)).status).toBe(404);
  for (const wrong of [
    { registry: 'ftp://registry.test' },
    { registry: 'https://root1:secret@registry.test' },
    { registry: 'https://registry.test/path' },
    { repositories: '(a+)+$' },
    { tags: '' },
    { prefix: '../x' },
    { prefix: 'Upper/' },
    { name: '' },
    { interval_hours: -1 },
  ]) {
    expect([wrong, (await source.send('POST', '', { ...body, ...wrong })).status]).toEqual([wrong, 400]);
  }
  expect((await source.send('POST', '', { ...body, is_enabled: false })).status).toBe(201);
  expect((await source.send('POST', '', body)).status).toBe(409);
  expect((await source.send('DELETE', '/1')).status).toBe(204);
  expect((await source.send('GET', '/1')).status).toBe(404);
});
