import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const volume = await store.create({ name: 'data', labels: { a: 'b' } });
    expect(volume).toMatchObject({ name: 'data', anonymous: false, labels: { a: 'b' } });
    expect(existsSync(volume.mountpoint)).toBe(true);
    expect(await store.create({ name: 'data' })).toEqual(volume);
  });

  test('without a name are anonymous, with 64 digits', async () => {
    expect(await store.create({})).toMatchObject({
      anonymous: true,
      name: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test.each(['a', '../x', 'a/b', '-x'])('refuse the name %p', async (name) => {
    await expect(store.create({ name })).rejects.toBeInstanceOf(InvalidError);
  });

  test('in use stay; free ones go with their files', async () => {
    const { mountpoint } = await store.create({ name: 'data' });
    await expect(store.remove('data', ['c1'])).rejects.toBeInstanceOf(ConflictError);
    await store.remove('data', []);
    expect(existsSync(mountpoint)).toBe(false);
    expect(() => store.get('data')).toThrow(new NotFoundError('get data: no such volume'));
  });
});
