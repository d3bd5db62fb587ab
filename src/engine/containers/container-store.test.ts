import { describe, expect, test } from 'bun:test';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { openEngineDatabase } from '../database.ts';
import { ContainerStore } from './container-store.ts';
import { type ContainerRecord, createdState } from './state.ts';

function record(id: string, name: string, created = '2026-01-01T00:00:00Z'): ContainerRecord {
  return {
    id: id.padEnd(64, '0'),
    name,
    created,
    imageId: `sha256:${'0'.repeat(64)}` as Digest,
    imageName: 'busybox',
    chainId: undefined,
    config: {},
    hostConfig: {},
    endpoints: {},
    mounts: [],
    path: 'sh',
    args: [],
    state: createdState,
    restartCount: 0,
    stoppedByUser: false,
  };
}

function storeOf(...records: ContainerRecord[]): ContainerStore {
  const store = new ContainerStore(openEngineDatabase(':memory:'));
  for (const one of records) store.save(one);
  return store;
}

describe('the container store', () => {
  test('finds by id, by name with or without slash, and by prefix', () => {
    const store = storeOf(record('abc1', 'web'), record('abd2', 'db'));
    for (const text of ['abc1'.padEnd(64, '0'), 'web', '/web', 'abc']) {
      expect(store.resolve(text).name).toBe('web');
    }
  });

  test('a name wins over an id prefix', () => {
    expect(storeOf(record('abc1', 'web'), record('ffff', 'abc')).resolve('abc').id).toStartWith('ffff');
  });

  test("says what it doesn't know in docker's words", () => {
    expect(() => storeOf().resolve('x')).toThrow(new NotFoundError('No such container: x'));
  });

  test('an ambiguous prefix is refused', () => {
    expect(() => storeOf(record('ab1', 'one'), record('ab2', 'two')).resolve('ab')).toThrow(InvalidError);
  });

  test('a taken name is a conflict that names its holder', () => {
    const store = storeOf(record('ab1', 'web'));
    expect(() => store.save(record('ab2', 'web'))).toThrow(ConflictError);
    expect(() => store.assertNameFree('web')).toThrow(/"\/web" is already in use by container "ab10+"/);
  });

  test('lists the newest first', () => {
    const store = storeOf(
      record('a', 'old', '2026-01-01T00:00:00Z'),
      record('b', 'new', '2026-01-02T00:00:00Z'),
    );
    expect(store.list().map(({ name }) => name)).toEqual(['new', 'old']);
  });

  test('another store on the same file knows what was saved, renamed and deleted', () => {
    const database = openEngineDatabase(':memory:');
    const store = new ContainerStore(database);
    store.save(record('a', 'one'));
    store.save(record('b', 'two'));
    store.update(store.resolve('one').id, { name: 'uno' });
    store.delete(store.resolve('two').id);
    expect(new ContainerStore(database).list().map(({ name }) => name)).toEqual(['uno']);
    expect(store.isNameFree('one')).toBe(true);
  });
});
