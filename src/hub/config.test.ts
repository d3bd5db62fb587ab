import { describe, expect, test } from 'bun:test';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidError } from '../lib/errors.ts';
import { readHubConfig } from './config.ts';

describe("the hub's configuration", () => {
  test('has defaults', () => {
    expect(readHubConfig({}, {})).toMatchObject({
      directory: '/var/lib/cais/hub',
      databasePath: '/var/lib/cais/hub/hub.sqlite',
      contentDirectory: '/var/lib/cais/hub',
      keysDirectory: '/var/lib/cais/hub/keys',
      secretsDirectory: '/var/lib/cais/hub/secrets',
      listen: { hostname: '127.0.0.1', port: 5000 },
      publicUrl: undefined,
      garbage: { grace: 24 * 3600_000, interval: 6 * 3600_000 },
    });
  });

  test('comes from the environment, and flags win', () => {
    const env = { CAIS_DATA: '/data', CAIS_HUB_LISTEN: ':80' };
    const config = readHubConfig({ listen: '[::1]:81', publicUrl: 'https://hub.example/' }, env);
    expect(config.directory).toBe('/data/hub');
    expect(config.listen).toEqual({ hostname: '::1', port: 81 });
    expect(config.publicUrl).toBe('https://hub.example');
    expect(readHubConfig({}, env).listen).toEqual({ hostname: '0.0.0.0', port: 80 });
  });

  test('a hub that may have copies takes connections for a while when it is told to end', () => {
    expect(readHubConfig({}, {}).drain.listening).toBe(0);
    expect(readHubConfig({ database: 'postgres://db/hub' }, {}).drain.listening).toBe(5000);
    expect(readHubConfig({ database: 'postgres://db/hub', drain: '0' }, {}).drain.listening).toBe(0);
  });

  test('takes the key that seals secrets from the environment, and does not repeat a wrong one', () => {
    expect(readHubConfig({}, {}).secretsKey).toBeUndefined();
    const key = Buffer.alloc(32, 'k');
    expect(readHubConfig({}, { CAIS_HUB_SECRETS_KEY: `${key.toString('base64')}\n` }).secretsKey).toEqual(
      key,
    );
    expect(() => readHubConfig({}, { CAIS_HUB_SECRETS_KEY: 'short' })).toThrow(
      /^invalid value for CAIS_HUB_SECRETS_KEY: 32 bytes in base64 are expected/,
    );
  });

  test('reads times with their unit', () => {
    const { garbage } = readHubConfig({ gcGrace: '90s' }, { CAIS_HUB_GC_INTERVAL: '0' });
    expect(garbage).toEqual({ grace: 90_000, interval: 0 });
  });

  test.each([
    [{ gcGrace: '1w' }, '--gc-grace'],
    [{ gcInterval: '-1h' }, '--gc-interval'],
    [{ gcInterval: '25d' }, '--gc-interval'],
    [{ drain: 'soon' }, '--drain'],
    [{ listen: '5000' }, '--listen'],
    [{ listen: 'host:70000' }, '--listen'],
    [{ publicUrl: 'ftp://x' }, '--public-url'],
    [{ database: 'mysql://db/hub' }, '--database'],
    [{ databasePool: '0' }, '--database-pool'],
    [{ upstream: { registries: ['registry.example'] } }, '--upstream'],
    [{ upstream: { registries: ['none', 'https://hub.example'] } }, '--upstream'],
    [{ upstream: { registries: ['ghcr=https://ghcr.io'] } }, '--upstream'],
    [{ upstream: { registries: ['https://user:password@hub.example'] } }, '--upstream'],
    [{ upstream: { registries: ['https://hub.example/path'] } }, '--upstream'],
    [{ upstream: { size: 'much' } }, '--upstream'],
    [{ upstream: { transfers: '0' } }, '--upstream'],
    [{ upstream: { transfers: '101' } }, '--upstream'],
    [{ upstream: { reach: ['10.0.0.0/99'] } }, '--upstream-reach'],
    [{ upstream: { file: '/nowhere/at/all' } }, '--upstream'],
    [{ upstream: { age: '5' } }, '--upstream-age'],
    [{ blobs: 's3://bucket' }, '--blobs'],
    [{ blobs: 's3://key:secret@bucket' }, '--blobs'],
    [{ blobs: 's3://bucket?endpoin=https://s3.example' }, '--blobs'],
    [{ blobs: 's3://bucket?endpoint=https://s3.example&timeout=20' }, 'timeout is from 1s to 10m'],
    [{ blobs: 's3://bucket?endpoint=https://s3.example&timeout=0s' }, 'timeout is from 1s to 10m'],
  ])('refuses %p by the name of its flag', (flags, name) => {
    const attempt = (): unknown => readHubConfig(flags, {});
    expect(attempt).toThrow(InvalidError);
    expect(attempt).toThrow(name);
  });

  test('takes what it has not from Docker Hub, and from no other registry, where nothing is said', () => {
    const { registries, maxSize, tagAge } = readHubConfig({}, {}).upstream;
    expect(registries.map(({ name, url }) => [name, url.href])).toEqual([
      ['docker.io', 'https://registry-1.docker.io/'],
    ]);
    expect([maxSize, tagAge]).toEqual([20 * 1024 ** 3, 300_000]);
    expect(readHubConfig({}, { CAIS_HUB_UPSTREAM: 'none' }).upstream.registries).toEqual([]);
  });

  test('names other registries, with credentials from a file that only its owner reads', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cais-config-'));
    try {
      const file = join(directory, 'upstreams.json');
      const secret = { username: 'robot', password: 'very secret' };
      await writeFile(file, JSON.stringify({ upstreams: { 'ghcr.io': secret } }), { mode: 0o600 });
      const upstream = { registries: ['https://mirror.example', 'ghcr.io=https://ghcr.io'], file };
      expect(readHubConfig({ upstream }, {}).upstream.registries).toMatchObject([
        { name: 'docker.io', credentials: { kind: 'anonymous' } },
        { name: 'ghcr.io', credentials: { kind: 'password', ...secret } },
      ]);
      const plain = { ...upstream, registries: ['ghcr.io=http://ghcr.example'] };
      expect(() => readHubConfig({ upstream: plain }, {})).toThrow('https only');
      await chmod(file, 0o640);
      expect(() => readHubConfig({ upstream }, {})).toThrow('chmod 600');
      await writeFile(file, 'very secret');
      await chmod(file, 0o600);
      expect(() => readHubConfig({ upstream }, {})).toThrow(/^(?!.*very secret)/s);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
