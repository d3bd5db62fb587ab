import { afterAll, beforeAll, expect, test } from 'bun:test';
import { testSelf } from '../../hub/testing/test-self.ts';
import { ImageEngine, tar } from '../../../tests/support/image-engine.ts';
import { wireError } from '../../../tests/support/fake-registry.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { hostPlatform } from '../../oci/image/platform.ts';
import { basicAuthorization } from '../../oci/distribution/credentials.ts';
import { unwatched } from '../metrics/engine-watch.ts';
import { imageRoutes } from './images.ts';
import type { ApiRequest, Route } from './route.ts';

let engine: ImageEngine;
let routes: Route[];

beforeAll(async () => {
  engine = new ImageEngine();
  engine.registry.addImage('alice/app', '1', [tar('a')], {
    config: { Labels: { tier: 'web' } },
    created: '2026-01-01T00:00:00Z',
  });
  engine.registry.addImage('alice/app', '2', [tar('b')], { created: '2026-02-01T00:00:00Z' });
  const resolve = (): never => {
    throw new TypeError('no case here commits');
  };
  routes = imageRoutes({
    images: engine.images,
    layers: engine.layers,
    configs: engine.configs,
    containers: { ...engine.containers, resolve },
    hosts: engine.access.hosts,
    emit: engine.emit,
    watch: unwatched,
    onCommit: () => undefined,
    self: testSelf,
    whileStill: (_container, read) => read(),
  });
});

afterAll(() => engine[Symbol.asyncDispose]());

interface Call {
  readonly name?: string;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly version?: number;
}

async function call(
  method: string,
  path: string,
  { name, query, body, version = 50 }: Call = {},
): Promise<Response> {
  const route = routes.find((candidate) => candidate.method === method && candidate.path === path);
  if (!route || !('handle' in route)) throw new TypeError(`no route ${method} ${path}`);
  const request: ApiRequest = {
    params: name === undefined ? {} : { name },
    query: new URLSearchParams(query),
    headers: new Headers(),
    signal: new AbortController().signal,
    version,
    body: new Blob([]).stream(),
    json: async () => body,
  };
  return route.handle(request);
}

async function tagsOf(filters: object): Promise<string[]> {
  const response = await call('GET', '/images/json', { query: { filters: JSON.stringify(filters) } });
  const images = (await response.json()) as { RepoTags: string[] }[];
  return images.flatMap(({ RepoTags }) => RepoTags);
}

test('pull streams its lines; the name may come full, with the tag apart', async () => {
  const response = await call('POST', '/images/create', {
    query: { fromImage: 'docker.io/alice/app', tag: '1' },
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('Status: Downloaded newer image for alice/app:1');
});

test('pull without a tag brings every tag', async () => {
  await (await call('POST', '/images/create', { query: { fromImage: 'alice/app' } })).text();
  expect(engine.images.list().flatMap(({ references }) => references.map(({ tag }) => tag))).toEqual([
    '2',
    '1',
  ]);
});

test('pull of an unknown tag fails before the stream begins', async () => {
  const pull = call('POST', '/images/create', { query: { fromImage: 'alice/app', tag: 'none' } });
  await expect(pull).rejects.toMatchObject({ name: 'NotFoundError' });
});

test('images are filtered by reference, label, time and name', async () => {
  expect(await tagsOf({})).toEqual(['alice/app:2', 'alice/app:1']);
  expect(await tagsOf({ reference: ['alice/*:1'] })).toEqual(['alice/app:1']);
  expect(await tagsOf({ reference: { 'alice/app': true } })).toHaveLength(2);
  expect(await tagsOf({ reference: ['*'] })).toEqual([]);
  expect(await tagsOf({ label: ['tier=web'] })).toEqual(['alice/app:1']);
  expect(await tagsOf({ before: ['alice/app:2'] })).toEqual(['alice/app:1']);
  expect(await tagsOf({ since: ['alice/app:1'] })).toEqual(['alice/app:2']);
  expect(await tagsOf({ dangling: ['true'] })).toEqual([]);
  await expect(tagsOf({ colour: ['red'] })).rejects.toThrow("invalid filter 'colour'");
});

test('inspect and history have the fields that clients read, by version', async () => {
  const inspect = async (version: number): Promise<Record<string, unknown>> =>
    (await (await call('GET', '/images/{name}/json', { name: 'alice/app:1', version })).json()) as never;
  expect(await inspect(50)).toMatchObject({
    RepoTags: ['alice/app:1'],
    Size: 2048,
    Os: 'linux',
    Parent: '',
    Config: { Labels: { tier: 'web' }, Env: null },
    RootFS: { Type: 'layers' },
  });
  expect(await inspect(50)).not.toHaveProperty('VirtualSize');
  expect(await inspect(41)).toHaveProperty('VirtualSize', 2048);
  const history = await (await call('GET', '/images/{name}/history', { name: 'alice/app:1' })).json();
  expect(history).toEqual([]);
});

test('tag and remove answer as docker does', async () => {
  const tagged = await call('POST', '/images/{name}/tag', {
    name: 'alice/app:1',
    query: { repo: 'docker.io/library/copy', tag: 'x' },
  });
  expect(tagged.status).toBe(201);
  const removed = await call('DELETE', '/images/{name}', { name: 'copy:x' });
  expect(await removed.json()).toEqual([{ Untagged: 'copy:x' }]);
  const bad = call('POST', '/images/{name}/tag', { name: 'alice/app:1', query: { repo: 'No Good' } });
  await expect(bad).rejects.toMatchObject({ name: 'InvalidError' });
});

test('search asks the hub and filters what it answers', async () => {
  engine.registry.intercept = (_request, line) =>
    line === 'GET /v1/search'
      ? Response.json({
          results: [
            { name: 'app', description: null, star_count: 3, is_official: true },
            { name: 'alice/app', description: 'x', star_count: 1, is_official: false },
          ],
        })
      : undefined;
  const search = async (query: Record<string, string>): Promise<unknown> =>
    (await call('GET', '/images/search', { query: { term: 'app', ...query } })).json();
  expect(await search({})).toHaveLength(2);
  expect(await search({ filters: '{"is-official":["true"]}' })).toMatchObject([
    { name: 'app', description: '' },
  ]);
  expect(await search({ filters: '{"stars":{"2":true}}' })).toHaveLength(1);
  await expect(search({ limit: '101' })).rejects.toThrow('outside the range of [1, 100]');
  engine.registry.intercept = () => undefined;
});

test('login tells whether the password is right', async () => {
  engine.registry.intercept = (request) =>
    request.headers.get('Authorization') === basicAuthorization('alice', 'right')
      ? undefined
      : wireError(401, 'UNAUTHORIZED', 'authentication required', { 'WWW-Authenticate': 'Basic realm="x"' });
  const login = (password: string): Promise<Response> =>
    call('POST', '/auth', {
      body: { username: 'alice', password, serveraddress: 'https://index.docker.io/v1/' },
    });
  expect(await (await login('right')).json()).toEqual({ Status: 'Login Succeeded', IdentityToken: '' });
  await expect(login('wrong')).rejects.toMatchObject({ name: 'UnauthorizedError' });
  engine.registry.intercept = () => undefined;
});

test('distribution inspects without pulling', async () => {
  const response = await call('GET', '/distribution/{name}/json', { name: 'alice/app:2' });
  expect(await response.json()).toMatchObject({ Platforms: [{ os: 'linux', architecture: 'amd64' }] });
});

test('manifests=1 tells the manifest of an image, to clients that know of it', async () => {
  const config = engine.images.resolve('alice/app:2').config;
  const [, manifest] = [...engine.registry.manifests].find(([key]) => key === 'alice/app:2') ?? [];
  const expected = {
    Descriptor: { digest: digestOf(manifest?.bytes ?? new Uint8Array()), size: manifest?.bytes.length },
    Manifests: [
      {
        Kind: 'image',
        Available: true,
        ImageData: { Platform: { os: config.os, architecture: config.architecture }, Containers: [] },
      },
    ],
  };
  const inspected = async (query: Record<string, string>, version: number) =>
    (await call('GET', '/images/{name}/json', { name: 'alice/app:2', query, version })).json();
  expect(await inspected({ manifests: '1' }, 48)).toMatchObject(expected);
  expect(await inspected({ manifests: '1' }, 47)).not.toHaveProperty('Manifests');
  expect(await inspected({}, 50)).not.toHaveProperty('Manifests');
  const listed = await call('GET', '/images/json', {
    query: { manifests: '1', filters: JSON.stringify({ reference: ['alice/app:2'] }) },
    version: 47,
  });
  expect(await listed.json()).toMatchObject([expected]);
  const older = await call('GET', '/images/json', { query: { manifests: '1' }, version: 46 });
  expect(((await older.json()) as object[])[0]).not.toHaveProperty('Manifests');
});

test('a platform that the image is not for finds nothing, by the versions that know the parameter', async () => {
  const name = 'alice/app:2';
  const own = JSON.stringify(hostPlatform());
  const other = JSON.stringify({ os: 'linux', architecture: 's390x' });
  const asked = (method: string, path: string, query: Record<string, string>, version = 50) =>
    call(method, path, { name, query, version });
  const message = 'does not match the specified platform (linux/s390x)';
  await expect(asked('GET', '/images/{name}/json', { platform: other })).rejects.toThrow(message);
  await expect(asked('GET', '/images/{name}/history', { platform: other })).rejects.toThrow(message);
  await expect(asked('DELETE', '/images/{name}', { platforms: other })).rejects.toThrow(message);
  const push = await asked('POST', '/images/{name}/push', { platform: other });
  expect(await push.text()).toContain(message);
  expect((await asked('GET', '/images/{name}/json', { platform: own })).status).toBe(200);
  expect((await asked('GET', '/images/{name}/json', { platform: other }, 48)).status).toBe(200);
  expect((await asked('GET', '/images/{name}/history', { platform: other }, 47)).status).toBe(200);
});

test('a platform that is none is refused', async () => {
  const asked = (platform: string, more: Record<string, string> = {}) =>
    call('GET', '/images/{name}/json', { name: 'alice/app:2', query: { platform, ...more } });
  await expect(asked('linux')).rejects.toThrow('failed to parse platform');
  await expect(asked('{"os":"linux"}')).rejects.toThrow('both OS and Architecture must be provided');
  await expect(asked('{"variant":"v7"}')).rejects.toThrow(
    'optional platform fields provided, but OS and Architecture are missing',
  );
  await expect(asked(JSON.stringify(hostPlatform()), { manifests: '1' })).rejects.toThrow(
    'conflicting options: manifests and platform options cannot both be set',
  );
});
