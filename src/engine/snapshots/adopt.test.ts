/** A container's directory that becomes a layer: it is what unpacking its archive would give, and nothing is left half-done. Runs as root. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { inPieces } from '../../../tests/support/byte-source.ts';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { chainIds } from '../../oci/image/image-config.ts';
import { untar } from '../../oci/layer/untar.ts';
import { fileTypes } from '../linux/device.ts';
import { changeTimes, statFile } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { readXattrs } from '../linux/xattr.ts';
import { mountpoints } from './ground.ts';
import { isMounted } from './overlay-mount.ts';
import { SnapshotFixture } from './snapshot-fixture.ts';
import type { Adoption } from './snapshot-store.ts';

setDefaultTimeout(30_000);

let snapshots: SnapshotFixture;
beforeEach(async () => {
  snapshots = await SnapshotFixture.make();
});
afterEach(() => snapshots[Symbol.asyncDispose]());

interface Adopted {
  readonly bytes: Uint8Array;
  readonly diffId: Digest;
  readonly chainId: Digest;
  readonly size: number;
}

/** Of a container that something was changed in. */
async function begin(id: string, epoch?: number): Promise<Adoption> {
  const adoption = await snapshots.store.adopt(id, epoch);
  if (!adoption) throw new TypeError('nothing was changed');
  return adoption;
}

async function adopt(id: string, epoch?: number): Promise<Adopted> {
  const { parent, diff, commit } = await begin(id, epoch);
  const bytes = await new Response(diff.tar).bytes();
  const diffId = digestOf(bytes);
  await commit(diffId);
  const chainId = chainIds(parent === undefined ? [diffId] : [parent, diffId]).at(-1) ?? diffId;
  return { bytes, diffId, chainId, size: await diff.size };
}

/** A layer with something of every kind in it. */
async function base(): Promise<Digest> {
  const root = await snapshots.mounted('base', undefined);
  for (const name of ['etc', 'etc/deep', 'bin', 'gone']) mkdirSync(join(root, name));
  for (const name of ['etc/a', 'etc/deep/b', 'bin/tool', 'gone/c', 'file'])
    writeFileSync(join(root, name), name);
  linkSync(join(root, 'file'), join(root, 'other-name'));
  const { chainId } = await adopt('base');
  return chainId;
}

function change(root: string): void {
  writeFileSync(join(root, 'etc/a'), 'changed');
  chmodSync(join(root, 'etc/deep'), 0o700);
  rmSync(join(root, 'bin/tool'));
  rmSync(join(root, 'gone'), { recursive: true });
  mkdirSync(join(root, 'gone'));
  writeFileSync(join(root, 'gone/new'), 'new');
  linkSync(join(root, 'gone/new'), join(root, 'hard'));
  symlinkSync('nowhere', join(root, 'link'));
  mkdirSync(join(root, 'fresh'));
  chmodSync(join(root, 'file'), 0o600);
}

/** Everything below a directory: kind, mode, links, time, content, attributes. A whiteout's own time says nothing. */
function picture(directory: string, path = ''): string[] {
  return readdirSync(join(directory, path))
    .toSorted()
    .flatMap((name) => {
      const child = join(path, name);
      const { mode, nlink, mtimeMs, size, rdev } = lstatSync(join(directory, child));
      const type = mode & fileTypes.mask;
      const content = type === fileTypes.regular ? readFileSync(join(directory, child), 'utf8') : '';
      const links = type === fileTypes.directory || rdev === 0 ? 0 : nlink;
      const looks = [
        child,
        mode.toString(8),
        links,
        type === fileTypes.character ? 0 : Math.round(mtimeMs),
        type === fileTypes.directory ? 0 : size,
        content,
      ];
      const attributes = [...readXattrs(join(directory, child))].map(
        ([key, value]) => `${key}=${value.toString()}`,
      );
      return [
        [...looks, ...attributes].join(' '),
        ...(type === fileTypes.directory ? picture(directory, child) : []),
      ];
    });
}

/** What is in the directory of a layer. */
function pictureOf(chainId: Digest): string[] {
  const row = snapshots.database
    .query<{ directory: string }, [string]>('SELECT directory FROM snapshot_layers WHERE chain_id = ?')
    .get(chainId);
  return picture(join(snapshots.root, 'l', row?.directory ?? ''));
}

describe('the layer', () => {
  test('is what its archive would be unpacked to, without a note of overlayfs', async () => {
    const below = await base();
    change(await snapshots.mounted('c', below));
    const expected = await snapshots.diff('c');
    const { bytes, chainId, size } = await adopt('c');
    expect(Buffer.from(bytes).equals(expected)).toBe(true);
    expect(size).toBe(snapshots.store.layerSize(chainId));
    const adopted = pictureOf(chainId);
    expect(adopted.join('\n')).toContain('gone 40755 0');
    await snapshots.store.removeLayer(chainId);
    expect(await snapshots.add(bytes, below)).toBe(chainId);
    expect(snapshots.store.layerSize(chainId)).toBe(size);
    expect(adopted).toEqual(pictureOf(chainId));
  });

  test('shows the same files to the next container', async () => {
    const root = await snapshots.mounted('c', await base());
    change(root);
    const before = picture(root);
    const { chainId } = await adopt('c');
    expect(picture(await snapshots.mounted('next', chainId))).toEqual(before);
  });

  test('can be had again: what is there already wins, and the other directory goes', async () => {
    const below = await base();
    const chains: Digest[] = [];
    for (const id of ['one', 'two']) {
      const root = await snapshots.mounted(id, below);
      writeFileSync(join(root, 'x'), 'same');
      utimesSync(join(root, 'x'), 5, 5);
      chains.push((await adopt(id)).chainId);
    }
    expect(chains[0]).toBe(chains[1] as Digest);
    expect(readdirSync(join(snapshots.root, 'l'))).toHaveLength(2);
    expect(readdirSync(join(snapshots.root, 'c'))).toEqual([]);
  });

  test('reaches the disk, and says so then', async () => {
    await base();
    await snapshots.store[Symbol.asyncDispose]();
    const unsynced = snapshots.database
      .query('SELECT chain_id FROM snapshot_layers WHERE unsynced_since IS NOT NULL')
      .all();
    expect(unsynced).toEqual([]);
  });
});

describe('no part of the layer', () => {
  const members = (bytes: Uint8Array): string[] =>
    Array.from(untar(inPieces(bytes)), ({ name }) => name.toString());

  test('is a directory that was copied up for what is gone again', async () => {
    const root = await snapshots.mounted('c', await base());
    const before = statFile(AT_FDCWD, join(root, 'etc/deep')).mtime;
    writeFileSync(join(root, 'etc/deep/x'), '');
    rmSync(join(root, 'etc/deep/x'));
    changeTimes(join(root, 'etc/deep'), before);
    const { bytes } = await adopt('c');
    expect(members(bytes)).toEqual([]);
  });

  test('is a whiteout of what only the ground has, nor a socket', async () => {
    const below = await base();
    snapshots.store = snapshots.open(mountpoints);
    const root = await snapshots.mounted('c', below);
    rmSync(join(root, 'etc/mtab'));
    using server = Bun.listen({ unix: join(root, 'bin/socket'), socket: { data() {} } });
    const { bytes, chainId } = await adopt('c');
    server.stop(true);
    expect(members(bytes)).toEqual(['bin/', 'etc/']);
    expect(pictureOf(chainId)).toHaveLength(2);
  });
});

describe('an epoch', () => {
  test('is the latest time of every entry, in the archive and on disk', async () => {
    const below = await base();
    const root = await snapshots.mounted('c', below);
    change(root);
    utimesSync(join(root, 'hard'), 5, 5);
    const { bytes, chainId } = await adopt('c', 1000);
    const times = Array.from(untar(inPieces(bytes)), ({ name, mtime }) => [name.toString(), mtime]);
    expect(times).toContainEqual(['gone/new', { seconds: 5, nanoseconds: 0 }]);
    const late = times.filter(([, time]) => (time as { seconds: number }).seconds > 1000);
    expect(late).toEqual([]);
    const adopted = pictureOf(chainId);
    await snapshots.store.removeLayer(chainId);
    await snapshots.add(bytes, below);
    expect(adopted).toEqual(pictureOf(chainId));
  });
});

describe('an empty directory', () => {
  test('is no layer, and none is looked for in it', async () => {
    await snapshots.mounted('c', await base());
    expect(await snapshots.store.adopt('c', undefined)).toBeUndefined();
    expect(readFileSync(join(await snapshots.store.mount('c'), 'file'), 'utf8')).toBe('file');
  });

  test('is one where the root itself was changed', async () => {
    const root = await snapshots.mounted('c', await base());
    chmodSync(root, 0o700);
    const { bytes } = await adopt('c');
    expect(Array.from(untar(inPieces(bytes)), ({ name }) => name.toString())).toEqual(['./']);
  });
});

describe('until it is committed', () => {
  test('the container has its root, and may be removed', async () => {
    const root = await snapshots.mounted('c', await base());
    writeFileSync(join(root, 'x'), 'x');
    const { diff } = await begin('c');
    await diff.tar.cancel();
    expect(readFileSync(join(await snapshots.store.mount('c'), 'x'), 'utf8')).toBe('x');
    await snapshots.store.remove('c');
    expect(readdirSync(join(snapshots.root, 'l'))).toHaveLength(1);
  });

  test('a row that cannot be written leaves the container as it was', async () => {
    const root = await snapshots.mounted('c', await base());
    writeFileSync(join(root, 'x'), 'x');
    const { diff, commit } = await begin('c');
    const diffId = digestOf(await new Response(diff.tar).bytes());
    snapshots.database.run(
      "CREATE TRIGGER full BEFORE INSERT ON snapshot_layers BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    await expect(commit(diffId)).rejects.toThrow('disk full');
    snapshots.database.run('DROP TRIGGER full');
    expect(readFileSync(join(await snapshots.store.mount('c'), 'x'), 'utf8')).toBe('x');
    expect(readdirSync(join(snapshots.root, 'l'))).toHaveLength(1);
  });

  test('a crash leaves nothing, whether the directory was renamed or not', async () => {
    for (const isRenamed of [false, true]) {
      const root = await snapshots.mounted('c', undefined);
      writeFileSync(join(root, 'x'), 'x');
      const { diff } = await begin('c');
      await new Response(diff.tar).bytes();
      const [directory = ''] = readdirSync(join(snapshots.root, 'c'));
      if (isRenamed) renameSync(join(snapshots.root, 'c', directory, 'u'), join(snapshots.root, 'l', 'half'));
      snapshots.store = snapshots.open();
      await snapshots.store.recover(new Set());
      expect([...readdirSync(join(snapshots.root, 'c')), ...readdirSync(join(snapshots.root, 'l'))]).toEqual(
        [],
      );
    }
  });

  test('who reads the root is not pulled the ground from under', async () => {
    await snapshots.store.prepare('c', await base());
    const { release, root } = await snapshots.store.hold('c');
    await expect(snapshots.store.adopt('c', undefined)).rejects.toBeInstanceOf(ConflictError);
    expect(isMounted(root)).toBe(true);
    await release();
    await expect(snapshots.store.adopt('nobody', undefined)).rejects.toBeInstanceOf(NotFoundError);
  });
});

test('a temporary container waits for no disk, and can be mounted again', async () => {
  await snapshots.store.prepare('c', undefined, { isTemporary: true });
  for (const round of ['1', '2']) {
    writeFileSync(join(await snapshots.store.mount('c'), round), round);
    await snapshots.store.unmount('c');
  }
  const { bytes } = await adopt('c');
  expect(bytes.length).toBeGreaterThan(1024);
});
