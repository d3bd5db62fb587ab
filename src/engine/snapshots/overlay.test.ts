/** What the store promises: layers become visible whole or not at all, containers come and go, a crash leaves litter only. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { inPieces } from '../../../tests/support/byte-source.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { type TarMember, tar } from '../../oci/layer/tar.ts';
import type { TarHeader, TarType } from '../../oci/layer/tar-header.ts';
import { untar } from '../../oci/layer/untar.ts';
import { changeMode, changeOwner, changeTimes } from '../linux/file.ts';
import { mountpoints } from './ground.ts';
import { isMounted, maxDepth } from './overlay-mount.ts';
import { SnapshotFixture } from './snapshot-fixture.ts';
import { eventually } from '../../../tests/support/eventually.ts';

let snapshots: SnapshotFixture;
beforeEach(async () => {
  snapshots = await SnapshotFixture.make();
});
afterEach(() => snapshots[Symbol.asyncDispose]());

function member(name: string, text = '', more: Partial<TarHeader> = {}): TarMember {
  const type: TarType = name.endsWith('/') ? 'directory' : 'file';
  const header: TarHeader = {
    name: Buffer.from(name),
    type,
    mode: type === 'directory' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size: Buffer.byteLength(text),
    mtime: { seconds: 1_000_000, nanoseconds: 0 },
    linkName: Buffer.alloc(0),
    major: 0,
    minor: 0,
    xattrs: new Map(),
    ...more,
  };
  return { header, content: [Buffer.from(text)] };
}

async function archive(...members: TarMember[]): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(tar(members)));
}

async function unpackStream(bytes: Uint8Array, diffId: Digest) {
  return snapshots.store.unpack({ diffId, stream: new Blob([Uint8Array.from(bytes)]).stream() });
}

function namesIn(bytes: Uint8Array): string[] {
  return Array.from(untar(inPieces(bytes)), (entry) => entry.name.toString());
}

describe('layers', () => {
  test('are unpacked from gzip, zstd and plain tar', async () => {
    const plain = await archive(member('a', 'x'));
    for (const bytes of [gzipSync(plain), zstdCompressSync(plain), plain]) {
      const layer = await unpackStream(bytes, digestOf(plain));
      await layer.commit(undefined);
      expect(snapshots.store.hasLayer(digestOf(plain))).toBe(true);
      expect(snapshots.store.layerSize(digestOf(plain))).toBe(1);
      await snapshots.store.removeLayer(digestOf(plain));
    }
  });

  test('are not there before their commit, nor after an abort', async () => {
    const bytes = await archive(member('a', 'x'));
    const layer = await unpackStream(bytes, digestOf(bytes));
    expect(snapshots.store.hasLayer(digestOf(bytes))).toBe(false);
    await layer.abort();
    expect(readdirSync(join(snapshots.root, 'l'))).toEqual([]);
  });

  test('of one image are unpacked at the same time, and committed parents first', async () => {
    const archives = await Promise.all(
      Array.from({ length: 6 }, (_, index) => archive(member('same', String(index)), member(`own-${index}`))),
    );
    const layers = await Promise.all(archives.map((bytes) => unpackStream(bytes, digestOf(bytes))));
    let chain: Digest | undefined;
    for (const [index, layer] of layers.entries()) {
      const diffId = digestOf(archives[index] ?? '');
      await layer.commit(chain);
      chain = chain === undefined ? diffId : digestOf(`${chain} ${diffId}`);
    }
    const root = await snapshots.mounted('c', chain);
    expect(readFileSync(join(root, 'same'), 'utf8')).toBe('5');
    expect(readdirSync(root)).toHaveLength(7);
  });

  test('unpacked twice are one layer', async () => {
    const bytes = await archive(member('a', 'x'));
    const [one, two] = await Promise.all([1, 2].map(() => unpackStream(bytes, digestOf(bytes))));
    await one?.commit(undefined);
    await two?.commit(undefined);
    expect(readdirSync(join(snapshots.root, 'l'))).toHaveLength(1);
  });

  test('stay while something stands on them', async () => {
    const base = await snapshots.add(await archive(member('a')));
    const top = await snapshots.add(await archive(member('b')), base);
    await snapshots.store.prepare('c', top);
    const failures = await Promise.all(
      [base, top].map((id) => snapshots.store.removeLayer(id).catch((error: unknown) => error)),
    );
    for (const failure of failures) expect(failure).toBeInstanceOf(ConflictError);
    await snapshots.store.remove('c');
    await snapshots.store.removeLayer(top);
    await snapshots.store.removeLayer(base);
    await snapshots.store.removeLayer(base);
    expect(readdirSync(join(snapshots.root, 'l'))).toEqual([]);
  });

  test('need their parent', async () => {
    const failure: unknown = await snapshots
      .add(await archive(member('a')), digestOf('nothing'))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotFoundError);
  });

  test('give directories that they only name the looks of the layers below', async () => {
    const base = await snapshots.add(
      await archive(
        member('./', '', { mode: 0o751, uid: 5 }),
        member('var/', '', { mode: 0o2770, gid: 42 }),
        member('var/lib/', '', { uid: 7, xattrs: new Map([['user.x', Buffer.from('y')]]) }),
      ),
    );
    const root = await snapshots.mounted('c', await snapshots.add(await archive(member('var/lib/x')), base));
    expect(lstatSync(root)).toMatchObject({ mode: 0o40751, uid: 5 });
    expect(lstatSync(join(root, 'var'))).toMatchObject({ mode: 0o42770, gid: 42, mtimeMs: 1e9 });
    expect(lstatSync(join(root, 'var/lib'))).toMatchObject({ uid: 7 });
  });

  test(`${maxDepth} of them are mounted, one more is refused`, async () => {
    let chain: Digest | undefined;
    for (let index = 0; index < maxDepth; index++) {
      chain = await snapshots.add(await archive(member(`f${index}`)), chain);
    }
    const root = await snapshots.mounted('c', chain);
    expect(readdirSync(root)).toHaveLength(maxDepth);
    const failure: unknown = await snapshots
      .add(await archive(member('x')), chain)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidError);
  }, 300_000);
});

describe('containers', () => {
  test('write into a directory of their own', async () => {
    const base = await snapshots.add(await archive(member('a', 'image')));
    const [one, two] = [await snapshots.mounted('one', base), await snapshots.mounted('two', base)];
    writeFileSync(join(one, 'a'), 'one');
    expect(readFileSync(join(two, 'a'), 'utf8')).toBe('image');
  });

  test("have a root of mode 0755, whatever the engine's umask", async () => {
    const before = process.umask(0o077);
    try {
      const chain = await snapshots.add(await archive(member('./'), member('d/x')));
      for (const [id, under] of [['one', chain] as const, ['two', undefined] as const]) {
        expect(lstatSync(await snapshots.mounted(id, under)).mode & 0o7777).toBe(0o755);
      }
      expect(lstatSync(join(await snapshots.store.mount('one'), 'd')).mode & 0o7777).toBe(0o755);
    } finally {
      process.umask(before);
    }
  });

  test('stand on nothing where there is no image', async () => {
    const root = await snapshots.mounted('c', undefined);
    expect(readdirSync(root)).toEqual([]);
    writeFileSync(join(root, 'a'), 'x');
    expect(namesIn(await snapshots.diff('c'))).toEqual(['a']);
  });

  test('are mounted once, however often they are asked to be', async () => {
    const root = await snapshots.mounted('c', undefined);
    writeFileSync(join(root, 'a'), 'x');
    expect(await snapshots.store.mount('c')).toBe(root);
    await snapshots.store.unmount('c');
    await snapshots.store.unmount('c');
    expect(isMounted(root)).toBe(false);
    expect(readdirSync(root)).toEqual([]);
    await snapshots.store.mount('c');
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('x');
  });

  test('is unmounted and removed by several at once, and no descriptor is left', async () => {
    await snapshots.store.prepare('c', undefined);
    await snapshots.store.mount('c');
    const before = readdirSync('/proc/self/fd').length;
    const { store } = snapshots;
    await Promise.all([store.unmount('c'), store.unmount('c'), store.remove('c'), store.remove('c')]);
    await store[Symbol.asyncDispose]();
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
  });

  test('are never mounted twice over one directory, however fast they come and go', async () => {
    const root = await snapshots.mounted('c', undefined);
    for (let index = 0; index < 50; index++) {
      writeFileSync(join(root, `file-${index}`), 'x');
      await snapshots.store.unmount('c');
      expect(isMounted(root)).toBe(false);
      expect(await snapshots.store.mount('c')).toBe(root);
    }
    expect(readdirSync(root)).toHaveLength(50);
    expect(readFileSync('/proc/self/mountinfo', 'utf8').split(` ${root} `)).toHaveLength(2);
  });

  test('are gone once removed, mounted or not, twice is once', async () => {
    await snapshots.mounted('c', undefined);
    await snapshots.store.remove('c');
    await snapshots.store.remove('c');
    expect(readdirSync(join(snapshots.root, 'c'))).toEqual([]);
    expect(await snapshots.store.mount('c').catch((error: unknown) => error)).toBeInstanceOf(NotFoundError);
    await snapshots.store[Symbol.asyncDispose]();
    expect(readdirSync(join(snapshots.root, 't'))).toEqual([]);
  });

  test('have one root each', async () => {
    await snapshots.store.prepare('c', undefined);
    expect(await snapshots.store.prepare('c', undefined).catch((error: unknown) => error)).toBeInstanceOf(
      ConflictError,
    );
  });

  test('weigh what was written', async () => {
    const root = await snapshots.mounted('c', await snapshots.add(await archive(member('a', 'image'))));
    expect(await snapshots.store.containerSize('c')).toBe(0);
    writeFileSync(join(root, 'b'), 'x'.repeat(1000));
    rmSync(join(root, 'a'));
    expect(await snapshots.store.containerSize('c')).toBe(1000);
  });
});

describe('the ground', () => {
  test("gives mountpoints to an image without them, and is no change of the container's", async () => {
    await snapshots.store[Symbol.asyncDispose]();
    snapshots.store = snapshots.open(mountpoints);
    const chainId = await snapshots.add(await archive(member('etc/'), member('etc/hosts', 'its own')));
    const root = await snapshots.mounted('one', chainId);
    expect(readFileSync(join(root, 'etc/hosts'), 'utf8')).toBe('its own');
    expect(readFileSync(join(root, 'etc/resolv.conf'), 'utf8')).toBe('');
    expect(existsSync(join(root, 'proc'))).toBe(true);
    expect(await snapshots.store.changes('one')).toEqual([]);
    expect(namesIn(await snapshots.diff('one'))).toEqual([]);
  });
});

describe('changes', () => {
  const image = () =>
    archive(
      member('etc/'),
      member('etc/passwd', 'root'),
      member('etc/same', 'same'),
      member('d/'),
      member('d/x', 'x'),
      member('d/e/'),
      member('d/e/f', 'f'),
    );

  async function changed(change: (root: string) => void): Promise<string[]> {
    change(await snapshots.mounted('c', await snapshots.add(await image())));
    return (await snapshots.store.changes('c')).map(({ path, kind }) => `${'CAD'[kind]} ${path}`);
  }

  test('tell added, changed and deleted, and the directories on the way', async () => {
    const found = await changed((root) => {
      writeFileSync(join(root, 'etc/passwd'), 'changed');
      mkdirSync(join(root, 'new/empty'), { recursive: true });
      rmSync(join(root, 'd/x'));
    });
    expect(found).toEqual(['C /d', 'D /d/x', 'C /etc', 'C /etc/passwd', 'A /new', 'A /new/empty']);
  });

  test('leave out what was copied up and is as before', async () => {
    const found = await changed((root) => {
      changeMode(join(root, 'etc/same'), 0o600);
      changeMode(join(root, 'etc/same'), 0o644);
      changeOwner(join(root, 'd'), 1, 1);
      changeOwner(join(root, 'd'), 0, 0);
      changeTimes(join(root, 'd/x'), { seconds: 5, nanoseconds: 0 });
      changeTimes(join(root, 'd/x'), { seconds: 1_000_000, nanoseconds: 0 });
    });
    expect(found).toEqual([]);
  });

  test('of a directory made anew are what is new in it and what it has no more', async () => {
    const found = await changed((root) => {
      rmSync(join(root, 'd'), { recursive: true });
      mkdirSync(join(root, 'd/e'), { recursive: true });
      writeFileSync(join(root, 'd/y'), 'y');
    });
    expect(found).toEqual(['C /d', 'C /d/e', 'D /d/e/f', 'D /d/x', 'A /d/y']);
  });

  test('of a directory turned into a file', async () => {
    const found = await changed((root) => {
      rmSync(join(root, 'd'), { recursive: true });
      writeFileSync(join(root, 'd'), 'file');
    });
    expect(found).toEqual(['C /d']);
  });
});

describe('diff', () => {
  test('marks directories as opaque only where they hide something', async () => {
    const root = await snapshots.mounted(
      'c',
      await snapshots.add(await archive(member('d/'), member('d/x'))),
    );
    rmSync(join(root, 'd'), { recursive: true });
    mkdirSync(join(root, 'd/new/deep'), { recursive: true });
    mkdirSync(join(root, 'e'));
    expect(namesIn(await snapshots.diff('c'))).toEqual([
      'd/',
      'd/.wh..wh..opq',
      'd/new/',
      'd/new/deep/',
      'e/',
    ]);
  });

  test("holds the root where its owner or mode isn't the image's any more", async () => {
    const chain = await snapshots.add(await archive(member('a')));
    const root = await snapshots.mounted('c', chain);
    expect(namesIn(await snapshots.diff('c'))).toEqual([]);
    changeMode(root, 0o700);
    expect(namesIn(await snapshots.diff('c'))).toEqual(['./']);
    const root2 = await snapshots.mounted('d', await snapshots.add(await snapshots.diff('c'), chain));
    expect(lstatSync(root2).mode & 0o777).toBe(0o700);
  });

  test('leaves sockets out and does not wait for fifos', async () => {
    const root = await snapshots.mounted('c', undefined);
    await Bun.$`mkfifo ${join(root, 'fifo')}`;
    using server = Bun.listen({ unix: join(root, 'socket'), socket: { data() {} } });
    expect(namesIn(await snapshots.diff('c'))).toEqual(['fifo']);
    server.stop(true);
  });

  test('ends its process when nobody reads on', async () => {
    const root = await snapshots.mounted('c', undefined);
    writeFileSync(join(root, 'big'), Buffer.alloc(30_000_000));
    const reader = snapshots.store.diff('c').tar.getReader();
    await reader.read();
    await reader.cancel();
    await snapshots.store.remove('c');
  });

  test('fails when its process does', async () => {
    const root = await snapshots.mounted('c', undefined);
    writeFileSync(join(root, 'a'), 'x');
    rmSync(join(snapshots.root, 'c', readdirSync(join(snapshots.root, 'c'))[0] ?? '', 'u'), {
      recursive: true,
    });
    const failure: unknown = await snapshots.diff('c').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'UnavailableError' });
  });
});

function unsyncedRows(): number {
  const rows = 'SELECT count(*) AS count FROM snapshot_layers WHERE unsynced_since IS NOT NULL';
  return snapshots.database.query<{ count: number }, []>(rows).get()?.count ?? -1;
}

describe('after a crash', () => {
  test('what no row accounts for is swept, and mounts of the living are left alone', async () => {
    const bytes = await archive(member('a', 'x'));
    const chain = await snapshots.add(bytes);
    const alive = await snapshots.mounted('alive', chain);
    const dead = await snapshots.mounted('dead', chain);
    const other = await archive(member('b', 'y'));
    await unpackStream(other, digestOf(other));
    mkdirSync(join(snapshots.root, 't/left'));
    const next = snapshots.open();
    await next.recover(new Set(['alive']));
    await next[Symbol.asyncDispose]();
    expect(isMounted(alive)).toBe(true);
    expect(existsSync(dead)).toBe(false);
    expect(readdirSync(join(snapshots.root, 'l'))).toHaveLength(1);
    expect(readdirSync(join(snapshots.root, 'c'))).toHaveLength(1);
    expect(readdirSync(join(snapshots.root, 't'))).toEqual([]);
    expect(next.hasLayer(chain)).toBe(true);
  });

  test('layers that the disk lost are forgotten with all above them', async () => {
    const base = await snapshots.add(await archive(member('a')));
    const lost = readdirSync(join(snapshots.root, 'l'))[0] ?? '';
    const top = await snapshots.add(await archive(member('b')), base);
    rmSync(join(snapshots.root, 'l', lost), { recursive: true });
    await snapshots.store.recover(new Set());
    expect([base, top].map((id) => snapshots.store.hasLayer(id))).toEqual([false, false]);
  });

  describe('layers that nobody saw reach the disk', () => {
    /** As the last engine left it when it ended in that moment. */
    async function unsynced(boot: string): Promise<Digest> {
      const chain = await snapshots.add(await archive(member('a')));
      await snapshots.store[Symbol.asyncDispose]();
      snapshots.database.run('UPDATE snapshot_layers SET unsynced_since = ?', [boot]);
      return chain;
    }

    test('are kept, and synced, when only the engine ended', async () => {
      const chain = await unsynced('this boot');
      const next = snapshots.open();
      await next.recover(new Set());
      expect(next.hasLayer(chain)).toBe(true);
      expect(unsyncedRows()).toBe(0);
    });

    test('are forgotten and swept when the machine went down, to be unpacked again', async () => {
      const chain = await unsynced('an earlier boot');
      const next = snapshots.open();
      await next.recover(new Set());
      await next[Symbol.asyncDispose]();
      expect(next.hasLayer(chain)).toBe(false);
      expect(readdirSync(join(snapshots.root, 'l'))).toEqual([]);
      await snapshots.add(await archive(member('a')));
      expect(next.hasLayer(chain)).toBe(true);
    });
  });

  test('a container never stands on a layer that is not on disk', async () => {
    const chain = await snapshots.add(await archive(member('a', 'x'.repeat(3_000_000))));
    expect(unsyncedRows()).toBe(1);
    await snapshots.store.prepare('c', chain);
    expect(unsyncedRows()).toBe(0);
  });

  test('the child that unpacks ends with the engine', async () => {
    const script = `
      import { unpackLayer } from ${JSON.stringify(join(import.meta.dir, 'unpack.ts'))};
      const stream = new ReadableStream({ pull: () => new Promise(() => undefined) });
      const directory = ${JSON.stringify(join(snapshots.root, 'l'))};
      const self = [process.execPath, ${JSON.stringify(join(import.meta.dir, '../../bin/cais.ts'))}];
      void unpackLayer(self, directory, { diffId: 'sha256:0', stream });
      await Bun.sleep(300);
      process.kill(process.pid, 'SIGKILL');`;
    const engine = Bun.spawn([process.execPath, '-e', script], { stdout: 'ignore', stderr: 'inherit' });
    await engine.exited;
    await eventually(async () => {
      const { stdout } = await Bun.$`pgrep -f ${`@unpack ${snapshots.root}`}`.nothrow().quiet();
      expect(stdout.toString()).toBe('');
    });
  });
});
