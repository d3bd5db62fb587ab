import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { openEngineDatabase } from '../database.ts';
import { VolumeStore } from './volume-store.ts';

let directory: string;
let store: VolumeStore;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-volumes-'));
  store = new VolumeStore(openEngineDatabase(':memory:'), directory);
});
afterEach(() => rm(directory, { recursive: true }));

describe('volumes', () => {
  test('have a directory, a name and labels; making one again gives the same', async () => {
    const { volume, isNew } = await store.create({ name: 'data', labels: { a: 'b' } });
    expect(volume).toMatchObject({ name: 'data', anonymous: false, labels: { a: 'b' }, options: null });
    expect(isNew).toBe(true);
    expect(existsSync(volume.mountpoint)).toBe(true);
    expect(await store.create({ name: 'data', labels: { c: 'd' } })).toEqual({ volume, isNew: false });
  });

  test('without a name are anonymous, with 64 digits', async () => {
    const { volume } = await store.create({});
    expect(volume).toMatchObject({
      anonymous: true,
      name: expect.stringMatching(/^[0-9a-f]{64}$/),
      labels: { 'com.docker.volume.anonymous': '' },
    });
  });

  test.each(['a', '../x', 'a/b', '-x', '.removed.x', 'x'.repeat(255)])('refuse the name %p', async (name) => {
    await expect(store.create({ name })).rejects.toBeInstanceOf(InvalidError);
  });

  test('are of the local driver, whose options are checked', async () => {
    await expect(store.create({ name: 'data', options: { foo: 'bar' } })).rejects.toThrow(
      'create data: invalid option: "foo"',
    );
    await expect(store.create({ name: 'data', driver: 'x' })).rejects.toThrow(
      new NotFoundError('create data: error looking up volume plugin x: plugin "x" not found'),
    );
    expect(store.list()).toEqual([]);
  });

  test('in use stay; free ones go with their files', async () => {
    const { volume } = await store.create({ name: 'data' });
    await expect(store.remove('data', ['c1'])).rejects.toThrow(
      new ConflictError('remove data: volume is in use - [c1]'),
    );
    await store.remove('data', []);
    expect(readdirSync(directory)).toEqual([]);
    expect(existsSync(volume.mountpoint)).toBe(false);
    expect(() => store.get('data')).toThrow(new NotFoundError('get data: no such volume'));
  });

  test('stay while a container that will use them is being created', async () => {
    await store.create({ name: 'data' }, 'c1');
    await expect(store.remove('data', [])).rejects.toBeInstanceOf(ConflictError);
    store.letGo('c1');
    await store.remove('data', []);
  });

  test('after a crash are whole or gone', async () => {
    const { volume: going } = await store.create({ name: 'going' });
    const { volume: stays } = await store.create({ name: 'stays' });
    await rename(dirname(going.mountpoint), join(directory, '.removed.going'));
    await mkdir(join(dirname(stays.mountpoint), '_copy'));
    await mkdir(join(directory, 'never', '_data'), { recursive: true });
    await store.recover();
    expect(store.list().map(({ name }) => name)).toEqual(['stays']);
    expect(readdirSync(directory)).toEqual(['stays']);
    expect(readdirSync(join(directory, 'stays'))).toEqual(['_data']);
  });
});
