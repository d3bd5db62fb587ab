import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigFile } from './config-file.ts';
import { encodeAuth, eraseCredential, findCredential, serverKey, storeCredential } from './credentials.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cli-config-'));
});
afterEach(() => rm(directory, { recursive: true }));

const server = 'https://index.docker.io/v1/';
const alice = { username: 'alice', password: 'p:w' };

describe('config.json', () => {
  test('keeps what it does not know, and is readable by its owner alone', async () => {
    await writeFile(
      join(directory, 'config.json'),
      '{"currentContext":"x","auths":{"ghcr.io":{"auth":"YTpi"}}}',
    );
    const file = await readConfigFile(directory);
    await storeCredential(file, server, alice);
    const contents: unknown = JSON.parse(await readFile(file.path, 'utf8'));
    expect(contents).toEqual({
      currentContext: 'x',
      auths: { 'ghcr.io': { auth: 'YTpi' }, [server]: { auth: Buffer.from('alice:p:w').toString('base64') } },
    });
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  });

  test('gives back what was stored, and forgets it', async () => {
    await storeCredential(await readConfigFile(directory), server, alice);
    const file = await readConfigFile(directory);
    expect(await findCredential(file, server)).toEqual(alice);
    await eraseCredential(file, server);
    expect(await findCredential(await readConfigFile(directory), server)).toBeUndefined();
  });

  test('a token takes the place of the password', async () => {
    await storeCredential(await readConfigFile(directory), 'ghcr.io', { ...alice, identitytoken: 'tok' });
    const text = await readFile(join(directory, 'config.json'), 'utf8');
    expect(text).not.toContain(Buffer.from('alice:p:w').toString('base64'));
    const found = await findCredential(await readConfigFile(directory), 'ghcr.io');
    expect(found).toEqual({ username: 'alice', password: '', identitytoken: 'tok' });
  });

  test('a missing file is an empty one, a broken one is named', async () => {
    expect((await readConfigFile(join(directory, 'none'))).servers).toEqual([]);
    await writeFile(join(directory, 'config.json'), '{');
    await expect(readConfigFile(directory)).rejects.toThrow(
      `cannot load config file: ${directory}/config.json`,
    );
  });
});

test('the key of a server is docker.io’s for all its names, else the host', () => {
  expect(['', 'docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io'].map(serverKey)).toEqual(
    Array.from({ length: 4 }, () => server),
  );
  expect(serverKey('https://ghcr.io/v2/')).toBe('ghcr.io');
  expect(serverKey('localhost:5000')).toBe('localhost:5000');
});

test('X-Registry-Auth is base64url, and {} for nobody', () => {
  const text = encodeAuth('ghcr.io', { username: 'ÿÿÿ', password: '>>>???' });
  expect(text).toMatch(/^[A-Za-z0-9_=-]+$/);
  expect(JSON.parse(Buffer.from(text, 'base64url').toString())).toEqual({
    username: 'ÿÿÿ',
    password: '>>>???',
    serveraddress: 'ghcr.io',
  });
  expect(encodeAuth(server, undefined)).toBe('e30=');
});
