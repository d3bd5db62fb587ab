/** Archives made to harm: each is refused or kept inside its root, and a refused one leaves nothing behind. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  CorruptError,
  NotFoundError,
  UnavailableError,
  UnsupportedError,
  messageOf,
} from '../../lib/errors.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { encodeTarHeader, endOfArchive, tar, tarPadding } from '../../oci/layer/tar.ts';
import type { TarHeader } from '../../oci/layer/tar-header.ts';
import { mount, unmount } from '../linux/mount.ts';
import { getXattr } from '../linux/xattr.ts';
import { OverlaySnapshotStore } from './overlay.ts';
import { SnapshotFixture } from './snapshot-fixture.ts';

interface Member extends Partial<Omit<TarHeader, 'name' | 'linkName' | 'size'>> {
  readonly name: string;
  readonly linkName?: string;
  readonly text?: string;
}

let snapshots: SnapshotFixture;
/** A directory outside of every layer, that no archive may reach. */
let outside: string;
beforeEach(async () => {
  snapshots = await SnapshotFixture.make();
  outside = mkdtempSync(join(tmpdir(), 'layers-outside-'));
});
afterEach(async () => {
  await snapshots[Symbol.asyncDispose]();
  rmSync(outside, { recursive: true });
});

function headerOf({ name, linkName = '', text = '', ...rest }: Member): TarHeader {
  return {
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: { seconds: 1, nanoseconds: 0 },
    major: 0,
    minor: 0,
    xattrs: new Map(),
    ...rest,
    name: Buffer.from(name),
    linkName: Buffer.from(linkName),
    size: Buffer.byteLength(text),
  };
}

async function archive(...members: Member[]): Promise<Uint8Array> {
  const entries = members.map((member) => ({
    header: headerOf(member),
    content: [Buffer.from(member.text ?? '')],
  }));
  return Buffer.concat(await Array.fromAsync(tar(entries)));
}

async function refused(bytes: Uint8Array, diffId: Digest = digestOf(bytes)): Promise<unknown> {
  const stream = new Blob([Uint8Array.from(bytes)]).stream();
  const failure: unknown = await snapshots.store.unpack({ diffId, stream }).catch((error: unknown) => error);
  await snapshots.store[Symbol.asyncDispose]();
  expect(readdirSync(join(snapshots.root, 'l'))).toEqual([]);
  expect(readdirSync(join(snapshots.root, 't'))).toEqual([]);
  expect(readdirSync(outside)).toEqual([]);
  return failure;
}

/** Where a container over this one layer has its root. */
async function mounted(...members: Member[]): Promise<string> {
  return snapshots.mounted('c', await snapshots.add(await archive(...members)));
}

describe('names', () => {
  test.each(['../x', '../../x', 'a/../../x', 'a/b/../../../../x'])('%s is refused', async (name) => {
    expect(await refused(await archive({ name, text: 'x' }))).toBeInstanceOf(CorruptError);
  });

  test('absolute names are taken as relative, dots that stay inside are resolved', async () => {
    const root = await mounted({ name: join(outside, 'x'), text: 'x' }, { name: './a/./b/../c', text: 'c' });
    expect(readdirSync(outside)).toEqual([]);
    expect(readFileSync(join(root, outside, 'x'), 'utf8')).toBe('x');
    expect(readFileSync(join(root, 'a/c'), 'utf8')).toBe('c');
  });

  test('a file below a file is refused', async () => {
    expect(await refused(await archive({ name: 'a', text: 'x' }, { name: 'a/b' }))).toBeInstanceOf(
      CorruptError,
    );
  });

  test('a name too long for any file system is refused', async () => {
    expect(await refused(await archive({ name: 'x'.repeat(5000) }))).toBeInstanceOf(CorruptError);
  });
});

describe('symbolic links', () => {
  test('a file through a link that leads outside is refused', async () => {
    const link = { name: 'x', type: 'symlink', linkName: outside } as const;
    expect(await refused(await archive(link, { name: 'x/evil', text: 'x' }))).toBeInstanceOf(CorruptError);
  });

  test('a link that climbs ends at the root of the layer', async () => {
    const link = { name: 'x', type: 'symlink', linkName: '../../../../../..' } as const;
    const root = await mounted(link, { name: 'x/inside', text: 'x' });
    expect(readFileSync(join(root, 'inside'), 'utf8')).toBe('x');
  });

  test('a file replaces a link of its name, and is not written through it', async () => {
    const target = join(outside, 'evil');
    const root = await mounted({ name: 'x', type: 'symlink', linkName: target }, { name: 'x', text: 'mine' });
    expect(existsSync(target)).toBe(false);
    expect(lstatSync(join(root, 'x')).isFile()).toBe(true);
  });

  test('a directory replaces a link of its name', async () => {
    const link = { name: 'x', type: 'symlink', linkName: outside } as const;
    const root = await mounted(
      link,
      { name: 'x/', type: 'directory', mode: 0o700 },
      { name: 'x/y', text: 'y' },
    );
    expect(readdirSync(outside)).toEqual([]);
    expect(readFileSync(join(root, 'x/y'), 'utf8')).toBe('y');
  });

  test('a link to itself is no way', async () => {
    const link = { name: 'x', type: 'symlink', linkName: 'x' } as const;
    expect(await refused(await archive(link, { name: 'x/y' }))).toBeInstanceOf(CorruptError);
  });
});

describe('hard links', () => {
  test('to a name that climbs are refused', async () => {
    const link = { name: 'x', type: 'link', linkName: '../../etc/passwd' } as const;
    expect(await refused(await archive(link))).toBeInstanceOf(CorruptError);
  });

  test("to an absolute name mean the layers' own file, and are refused at commit when there is none", async () => {
    const bytes = await archive({ name: 'x', type: 'link', linkName: '/etc/passwd' });
    const layer = await snapshots.store.unpack({
      diffId: digestOf(bytes),
      stream: new Blob([Uint8Array.from(bytes)]).stream(),
    });
    expect(await layer.commit(undefined).catch((error: unknown) => error)).toBeInstanceOf(CorruptError);
    expect(snapshots.store.hasLayer(digestOf(bytes))).toBe(false);
    await snapshots.store[Symbol.asyncDispose]();
    expect(readdirSync(join(snapshots.root, 'l'))).toEqual([]);
  });

  test('through a symbolic link stay inside', async () => {
    const bytes = await archive(
      { name: 'etc', type: 'symlink', linkName: '/etc' },
      { name: 'x', type: 'link', linkName: 'etc/passwd' },
    );
    const failure: unknown = await snapshots.add(bytes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CorruptError);
  });

  test('to a symbolic link link the link itself', async () => {
    const root = await mounted(
      { name: 'a', type: 'symlink', linkName: '/etc/passwd' },
      { name: 'b', type: 'link', linkName: 'a' },
    );
    expect(lstatSync(join(root, 'b')).isSymbolicLink()).toBe(true);
  });

  test('to a directory and to themselves are refused', async () => {
    const directory = { name: 'd/', type: 'directory' } as const;
    expect(
      await refused(await archive(directory, { name: 'x', type: 'link', linkName: 'd' })),
    ).toBeInstanceOf(CorruptError);
    expect(await refused(await archive({ name: 'x', type: 'link', linkName: './x' }))).toBeInstanceOf(
      CorruptError,
    );
  });

  test('into a lower layer take the file along, and link it there', async () => {
    const base = await snapshots.add(
      await archive({ name: 'usr/bin/tool', mode: 0o4755, uid: 7, text: 'tool' }),
    );
    const link = { name: 'bin/alias', type: 'link', linkName: 'usr/bin/tool' } as const;
    const root = await snapshots.mounted('c', await snapshots.add(await archive(link), base));
    const [tool, alias] = ['usr/bin/tool', 'bin/alias'].map((name) => lstatSync(join(root, name)));
    expect(alias?.ino).toBe(tool?.ino ?? -1);
    expect(alias).toMatchObject({ mode: 0o104755, uid: 7, size: 4 });
  });

  test('into a lower layer are not led astray by links of this layer', async () => {
    const base = await snapshots.add(await archive({ name: 'a/file', text: 'x' }));
    const bytes = await archive(
      { name: 'b', type: 'symlink', linkName: outside },
      { name: 'c', type: 'link', linkName: 'a/file' },
      { name: 'a', type: 'symlink', linkName: outside },
    );
    const failure: unknown = await snapshots.add(bytes, base).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CorruptError);
    expect(readdirSync(outside)).toEqual([]);
  });
});

describe('whiteouts', () => {
  test.each(['.wh..', '.wh...', '.wh.', 'a/.wh...'])('%s is refused', async (name) => {
    expect(await refused(await archive({ name }))).toBeInstanceOf(CorruptError);
  });

  test('hide what is below and nothing of their own layer, whatever comes first', async () => {
    const base = await snapshots.add(
      await archive(
        { name: 'a', text: '1' },
        { name: 'b', text: '1' },
        { name: 'd/old', text: '1' },
        { name: 'e/old' },
      ),
    );
    const top = await archive(
      { name: '.wh.a' },
      { name: 'b', text: '2' },
      { name: '.wh.b' },
      { name: '.wh.d' },
      { name: 'd/new', text: '2' },
      { name: 'e/new', text: '2' },
      { name: '.wh.e' },
    );
    const root = await snapshots.mounted('c', await snapshots.add(top, base));
    expect(readdirSync(root).toSorted()).toEqual(['b', 'd', 'e']);
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe('2');
    expect(readdirSync(join(root, 'd'))).toEqual(['new']);
    expect(readdirSync(join(root, 'e'))).toEqual(['new']);
  });

  test('of nothing do not show', async () => {
    const root = await mounted({ name: '.wh.nothing' }, { name: 'd/.wh.nothing' }, { name: 'd/x' });
    expect(readdirSync(root)).toEqual(['d']);
    expect(readdirSync(join(root, 'd'))).toEqual(['x']);
  });

  test("aufs' bookkeeping is left out", async () => {
    const root = await mounted(
      { name: '.wh..wh.plnk/1.2', text: 'x' },
      { name: 'd/.wh..wh.aufs' },
      { name: 'd/x' },
    );
    expect(readdirSync(root)).toEqual(['d']);
    expect(readdirSync(join(root, 'd'))).toEqual(['x']);
  });
});

describe('attributes', () => {
  test("overlayfs' own can't be brought along", async () => {
    const xattrs = new Map([
      ['trusted.overlay.redirect', Buffer.from('/elsewhere')],
      ['trusted.overlay.opaque', Buffer.from('y')],
      ['user.fine', Buffer.from('yes')],
    ]);
    await snapshots.add(await archive({ name: 'd/', type: 'directory', xattrs }));
    const [name = ''] = readdirSync(join(snapshots.root, 'l'));
    const path = join(snapshots.root, 'l', name, 'd');
    expect(getXattr(path, 'trusted.overlay.redirect')).toBeUndefined();
    expect(getXattr(path, 'trusted.overlay.opaque')).toBeUndefined();
    expect(getXattr(path, 'user.fine')?.toString()).toBe('yes');
  });

  test('an owner of all ones, which would mean "leave it", is refused', async () => {
    expect(await refused(await archive({ name: 'x', uid: 0xffffffff }))).toBeInstanceOf(CorruptError);
  });
});

describe('a full disk', () => {
  test('is told as such, and gets its space back', async () => {
    const small = join(snapshots.directory, 'small');
    mkdirSync(small);
    mount({ type: 'tmpfs', source: 'tmpfs', target: small, options: 'size=4m' });
    try {
      const self = [process.execPath, join(import.meta.dir, '../../bin/cais.ts')];
      await using store = new OverlaySnapshotStore({ root: small, database: snapshots.database, self });
      const bytes = await archive({ name: 'big', text: 'x'.repeat(8_000_000) });
      const stream = new Blob([Uint8Array.from(bytes)]).stream();
      const failure: unknown = await store
        .unpack({ diffId: digestOf(bytes), stream })
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(UnavailableError);
      expect(messageOf(failure)).toContain('no space left on device');
      await store[Symbol.asyncDispose]();
      expect(readdirSync(join(small, 'l'))).toEqual([]);
      expect(readdirSync(join(small, 't'))).toEqual([]);
    } finally {
      unmount(small);
    }
  });
});

describe('duplicates', () => {
  test('the last one wins, whatever its kind', async () => {
    const root = await mounted(
      { name: 'a', text: 'first' },
      { name: 'a', text: 'second' },
      { name: 'b/c/d', text: 'deep' },
      { name: 'b', text: 'file' },
      { name: 'e', text: 'file' },
      { name: 'e/', type: 'directory', mode: 0o700 },
      { name: 'e/f', text: 'in it' },
      { name: 'g', type: 'fifo' },
      { name: 'g', type: 'symlink', linkName: 'a' },
      { name: 'h/', type: 'directory', mode: 0o700 },
      { name: 'h/x', text: 'kept' },
      { name: 'h/', type: 'directory', mode: 0o711 },
    );
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('second');
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe('file');
    expect(readFileSync(join(root, 'e/f'), 'utf8')).toBe('in it');
    expect(readFileSync(join(root, 'g'), 'utf8')).toBe('second');
    expect(lstatSync(join(root, 'h')).mode & 0o777).toBe(0o711);
    expect(readdirSync(join(root, 'h'))).toEqual(['x']);
  });
});

describe('broken streams', () => {
  test('a size that lies is an archive that ends too early', async () => {
    const lie = Buffer.concat([
      encodeTarHeader({ ...headerOf({ name: 'x' }), size: 2 ** 40 }),
      Buffer.alloc(1024),
    ]);
    expect(await refused(lie)).toBeInstanceOf(CorruptError);
  });

  test('garbage, a wrong checksum and a half header are refused', async () => {
    const good = Buffer.from(await archive({ name: 'x', text: 'x' }));
    const flipped = Buffer.from(good);
    flipped[0] = 0x79;
    expect(await refused(Buffer.alloc(2048, 'garbage'))).toBeInstanceOf(CorruptError);
    expect(await refused(flipped)).toBeInstanceOf(CorruptError);
    expect(await refused(good.subarray(0, 300))).toBeInstanceOf(CorruptError);
    expect(await refused(good.subarray(0, 512))).toBeInstanceOf(CorruptError);
  });

  test('broken gzip and cut gzip are refused', async () => {
    const plain = await archive({ name: 'x', text: 'x'.repeat(100_000) });
    const packed = gzipSync(plain);
    const broken = Buffer.from(packed);
    broken.fill(0xff, 20, 60);
    expect(await refused(broken, digestOf(plain))).toBeInstanceOf(CorruptError);
    expect(await refused(packed.subarray(0, packed.length - 20), digestOf(plain))).toBeInstanceOf(
      CorruptError,
    );
  });

  test('another diff ID than the one promised is refused', async () => {
    expect(await refused(await archive({ name: 'x' }), digestOf('other'))).toBeInstanceOf(CorruptError);
  });

  test('bytes behind the end count for the diff ID', async () => {
    const bytes = Buffer.concat([await archive({ name: 'x' }), Buffer.alloc(20_000)]);
    expect(await snapshots.add(bytes)).toBe(digestOf(bytes));
  });

  test('a member of an unknown kind is refused', async () => {
    const block = encodeTarHeader(headerOf({ name: 'x' }));
    block[156] = 0x5a;
    block.write('        ', 148);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    expect(await refused(Buffer.concat([block, endOfArchive]))).toBeInstanceOf(UnsupportedError);
  });

  test('a pax header of many megabytes is refused before it is read', async () => {
    const huge = encodeTarHeader({ ...headerOf({ name: 'x' }), size: 2 ** 30 });
    huge[156] = 0x78;
    huge.write('        ', 148);
    const sum = huge.reduce((total, byte) => total + byte, 0);
    huge.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    expect(await refused(Buffer.concat([huge, Buffer.alloc(4096)]))).toBeInstanceOf(CorruptError);
  });

  test('a download that fails is what the caller sees, and ends the child', async () => {
    let count = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (count++ > 3) controller.error(new NotFoundError('gone'));
        else controller.enqueue(encodeTarHeader({ ...headerOf({ name: 'x' }), size: 2 ** 30 }));
      },
    });
    const failure: unknown = await snapshots.store
      .unpack({ diffId: digestOf('x'), stream })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotFoundError);
    await snapshots.store[Symbol.asyncDispose]();
    expect(readdirSync(join(snapshots.root, 'l'))).toEqual([]);
  });

  test('a download is given up as soon as the archive is seen to be broken', async () => {
    let given = 0;
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 1 << 20;
        controller.enqueue(Buffer.alloc(1 << 20, 'garbage'));
      },
      cancel() {
        cancelled = true;
      },
    });
    const failure: unknown = await snapshots.store
      .unpack({ diffId: digestOf('x'), stream })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CorruptError);
    expect(cancelled).toBe(true);
    expect(given).toBeLessThan(64 << 20);
  });

  test('the padding of the last member may be missing, as may the end', async () => {
    const header = encodeTarHeader({ ...headerOf({ name: 'x' }), size: 3 });
    const cut = Buffer.concat([header, Buffer.from('abc')]);
    const whole = Buffer.concat([cut, tarPadding(3)]);
    expect(await snapshots.add(cut)).toBe(digestOf(cut));
    expect(await snapshots.add(whole)).toBe(digestOf(whole));
  });
});
