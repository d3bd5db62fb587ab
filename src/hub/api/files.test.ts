/** The files of images, over HTTP: from layers that were pushed, read by the process that looks into them. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { File, FileChangePage, FileContent, Page } from '../../hub-api/types.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { type TarMember, tar } from '../../oci/layer/tar.ts';
import type { TarHeader } from '../../oci/layer/tar-header.ts';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';

setDefaultTimeout(120_000);

let hub: HubFixture;
let session: string;
beforeEach(async () => {
  hub = await HubFixture.create('alice', 'bob');
  session = await hub.session('alice');
});
afterEach(() => hub[Symbol.asyncDispose]());

function member(
  name: string | Buffer,
  content: string | Buffer = '',
  more: Partial<TarHeader> = {},
): TarMember {
  const bytes = Buffer.from(content);
  const header: TarHeader = {
    name: Buffer.from(name),
    type: String(name).endsWith('/') ? 'directory' : 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: bytes.length,
    mtime: { seconds: 1_000_000_000, nanoseconds: 0 },
    linkName: Buffer.alloc(0),
    major: 0,
    minor: 0,
    xattrs: new Map(),
    ...more,
  };
  return { header, content: bytes.length === 0 ? [] : [bytes] };
}

const linkTo = (target: string, type: 'symlink' | 'link'): Partial<TarHeader> => ({
  type,
  linkName: Buffer.from(target),
});

async function archive(...members: readonly TarMember[]): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(Buffer.concat(await Array.fromAsync(tar(members))));
}

/** @param layers lowest first, as they are sent. */
async function push(tag: string, ...layers: readonly Uint8Array[]): Promise<Digest> {
  const token = await hub.fullToken('alice', 'alice/app');
  const send = async (bytes: Uint8Array): Promise<{ digest: Digest; size: number }> => {
    const digest = digestOf(bytes);
    const path = `/v2/alice/app/blobs/uploads/?digest=${digest}`;
    const { status } = await hub.send('POST', path, { token, body: Uint8Array.from(bytes) });
    expect(status).toBe(201);
    return { digest, size: bytes.length };
  };
  const config = await send(Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', tag })));
  const sent = await Promise.all(layers.map(send));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, ...config },
    layers: sent.map((layer) => ({ mediaType: mediaTypes.ociLayerGzip, ...layer })),
  });
  expect((await hub.putManifest(token, 'alice/app', tag, manifest)).status).toBe(201);
  return digestOf(manifest);
}

const address = (digest: Digest, rest: string): string =>
  `/v2/namespaces/alice/repositories/app/images/${digest}/${rest}`;

async function list(digest: Digest, path = ''): Promise<readonly File[]> {
  const response = await hub.send('GET', address(digest, `files?path=${encodeURIComponent(path)}`));
  expect(response.status).toBe(200);
  return (await bodyOf<Page<File>>(response)).results;
}

async function read(digest: Digest, path: string): Promise<FileContent> {
  return bodyOf(await hub.send('GET', address(digest, `content?path=${encodeURIComponent(path)}`)));
}

async function changes(digest: Digest, query: string): Promise<FileChangePage> {
  const response = await hub.send('GET', address(digest, `changes?${query}`));
  expect(response.status).toBe(200);
  return bodyOf(response);
}

describe('the files of an image', () => {
  test('are those of all its layers, whatever they are packed with', async () => {
    const base = await archive(
      member('etc/passwd', 'root'),
      member('etc/old', 'x'),
      member('bin/sh', 'program'),
    );
    const top = await archive(
      member('etc/.wh.old'),
      member('etc/new', 'fresh', { mode: 0o600, uid: 7 }),
      member('bin/ash', '', linkTo('bin/sh', 'link')),
      member('lib', '', linkTo('usr/lib', 'symlink')),
    );
    for (const pack of [gzipSync, zstdCompressSync, (bytes: Uint8Array) => bytes]) {
      const digest = await push('latest', pack(base), pack(top));
      expect((await list(digest)).map(({ name, kind, size }) => [name, kind, size])).toEqual([
        ['bin', 'directory', 14],
        ['etc', 'directory', 9],
        ['lib', 'symlink', 0],
      ]);
      expect(await list(digest, 'etc')).toMatchObject([
        {
          name: 'new',
          path: 'etc/new',
          mode: 0o600,
          uid: 7,
          size: 5,
          layer: 1,
          modified: '2001-09-09T01:46:40.000Z',
        },
        { name: 'passwd', layer: 0, size: 4 },
      ]);
      expect((await list(digest, '/bin/')).map(({ name }) => name)).toEqual(['ash', 'sh']);
    }
  });

  test('come in pages, and only of directories that are there', async () => {
    const digest = await push('latest', await archive(...['a', 'b', 'c'].map((name) => member(`d/${name}`))));
    const second = await hub.send('GET', address(digest, 'files?path=d&page=2&page_size=2'));
    expect(await bodyOf<Page<File>>(second)).toMatchObject({
      count: 3,
      next: null,
      results: [{ name: 'c' }],
    });
    for (const path of ['nope', 'd/a', '../etc']) {
      expect((await hub.send('GET', address(digest, `files?path=${path}`))).status).toBe(404);
    }
  });

  test('are known at once the second time, also to a hub that was restarted', async () => {
    const many = Array.from({ length: 7000 }, (_, index) => member(`usr/share/${index % 70}/${index}`, 'x'));
    const digest = await push('latest', gzipSync(await archive(...many)));
    await list(digest, 'usr/share');
    await hub.restart();
    const begin = performance.now();
    expect(await list(digest, 'usr/share')).toHaveLength(70);
    expect(await list(digest, 'usr/share/7')).toHaveLength(100);
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test('of a private repository are for its readers alone', async () => {
    const digest = await push('latest', await archive(member('secret', 'x')));
    await hub.send('POST', '/v2/repositories/alice/app/privacy', {
      token: session,
      body: { is_private: true },
    });
    const bob = await hub.session('bob');
    for (const path of ['files', 'content?path=secret', 'changes']) {
      expect((await hub.send('GET', address(digest, path))).status).toBe(404);
      expect((await hub.send('GET', address(digest, path), { token: bob })).status).toBe(404);
      expect((await hub.send('GET', address(digest, path), { token: session })).status).toBe(200);
    }
  });
});

describe('a file', () => {
  test('is shown when it is a short text', async () => {
    const digest = await push(
      'latest',
      await archive(
        member('etc/motd', 'olá\n'),
        member('bin/program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0])),
        member('latin1', Buffer.from([0xe7, 0xe3, 0x6f])),
        member('large', 'x'.repeat(600 * 1024)),
        member('hard', '', linkTo('etc/motd', 'link')),
      ),
    );
    expect(await read(digest, 'etc/motd')).toMatchObject({
      text: 'olá\n',
      reason: 'text',
      file: { size: 5 },
    });
    expect(await read(digest, 'hard')).toMatchObject({ text: 'olá\n', file: { name: 'hard' } });
    expect(await read(digest, 'bin/program')).toMatchObject({ text: null, reason: 'binary' });
    expect(await read(digest, 'latin1')).toMatchObject({ text: null, reason: 'binary' });
    expect(await read(digest, 'large')).toMatchObject({ text: null, reason: 'too large' });
    expect((await hub.send('GET', address(digest, 'content?path=etc'))).status).toBe(404);
  });

  test('has the name that it has, and any of them can be asked for', async () => {
    const names = ['<img src=x onerror=alert(1)>', 'a b', 'a%20b', 'new\nline', '\u202egpj.exe', "'; DROP"];
    const bytes = Buffer.from([0x66, 0xff, 0xfe]);
    const digest = await push(
      'latest',
      await archive(...names.map((name) => member(name, `of ${name}`)), member(bytes, 'of bytes')),
    );
    const files = await list(digest);
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining([...names, 'f\ufffd\ufffd']));
    for (const { name, path } of files) {
      const { text } = await read(digest, path);
      expect(text).toBe(name.startsWith('f\ufffd') ? 'of bytes' : `of ${name}`);
    }
  });
});

describe('what changed', () => {
  test('since another image, with what it was and is', async () => {
    const before = await push(
      '1',
      await archive(member('a', 'one'), member('gone', 'x'), member('same', 's')),
    );
    const after = await push(
      '2',
      await archive(member('a', 'other'), member('new/b', 'n'), member('same', 's')),
    );
    expect(await changes(after, `since=${before}`)).toMatchObject({
      count: 3,
      added: 1,
      changed: 1,
      removed: 1,
      results: [
        { path: 'a', kind: 'changed', before: { size: 3 }, after: { size: 5 } },
        { path: 'gone', kind: 'removed', before: { size: 1 }, after: null },
        { path: 'new', kind: 'added', before: null, after: { kind: 'directory', size: 1 } },
      ],
    });
    expect((await changes(after, `since=${after}`)).count).toBe(0);
  });

  test('in one layer', async () => {
    const digest = await push(
      'latest',
      await archive(member('etc/a', 'x'), member('etc/b', 'y')),
      await archive(member('etc/.wh.a'), member('etc/c', 'z')),
    );
    const { results } = await changes(digest, 'layer=1');
    expect(results.map(({ kind, path }) => `${kind} ${path}`)).toEqual(['removed etc/a', 'added etc/c']);
    const below = await hub.send('GET', address(digest, 'content?path=etc/a&layers=1'));
    expect(await bodyOf<FileContent>(below)).toMatchObject({ text: 'x' });
    expect((await hub.send('GET', address(digest, 'content?path=etc/a'))).status).toBe(404);
    expect((await changes(digest, 'layer=0')).results).toMatchObject([{ kind: 'added', path: 'etc' }]);
    expect((await hub.send('GET', address(digest, 'changes?layer=2'))).status).toBe(400);
    expect((await hub.send('GET', address(digest, 'changes?layer=x'))).status).toBe(400);
  });
});

describe('a layer that is none', () => {
  const climbing = archive(member('../../etc/passwd', 'x'));
  test.each<[string, () => Promise<Uint8Array>]>([
    ['no archive at all', async () => Buffer.from('text '.repeat(300))],
    [
      'gzip that is cut off',
      async () => gzipSync(await archive(member('a', 'x'.repeat(9000)))).subarray(0, 60),
    ],
    ['an archive that climbs out of its root', async () => climbing],
    ['a name longer than any kernel has', async () => archive(member('x'.repeat(5000)))],
    [
      'more members than can be shown',
      async () =>
        gzipSync(
          Buffer.alloc(512 * 200_010, await archive(member('a')).then((bytes) => bytes.subarray(0, 512))),
        ),
    ],
  ])('%s: the pages are told so, and the hub goes on', async (_what, make) => {
    const digest = await push('latest', await make());
    const response = await hub.send('GET', address(digest, 'files'));
    expect(response.status).toBe(404);
    expect((await bodyOf<{ message: string }>(response)).message).toContain('no layer that can be shown');
    const good = await push('good', await archive(member('a', 'x')));
    expect(await list(good)).toHaveLength(1);
  });

  test('a bomb takes time and no memory', async () => {
    const zeros = Buffer.alloc(64 * 1024 * 1024);
    const digest = await push('latest', gzipSync(await archive(member('zeros', zeros))));
    expect(await list(digest)).toMatchObject([{ name: 'zeros', size: zeros.length }]);
  });
});
