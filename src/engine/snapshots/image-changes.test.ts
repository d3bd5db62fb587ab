/** What layers changed, and how two chains of them differ: on real layers, with all that a layer may say. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { encodeTarHeader, endOfArchive, tarPadding } from '../../oci/layer/tar.ts';
import type { TarHeader } from '../../oci/layer/tar-header.ts';
import type { FileChange, ImageChangesLine, LayerChangesLine } from '../../engine-api/image-changes.ts';
import { SnapshotFixture } from './snapshot-fixture.ts';

interface Member extends Partial<Omit<TarHeader, 'name' | 'linkName' | 'size'>> {
  readonly name: string | Buffer;
  readonly linkName?: string;
  readonly text?: string;
}

let snapshots: SnapshotFixture;
beforeEach(async () => {
  snapshots = await SnapshotFixture.make();
});
afterEach(() => snapshots[Symbol.asyncDispose]());

function layer(...members: Member[]): Uint8Array {
  const parts = members.flatMap(({ name, linkName = '', text = '', ...rest }) => {
    const size = Buffer.byteLength(text);
    const header: TarHeader = {
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
      size,
    };
    return [encodeTarHeader(header), Buffer.from(text), tarPadding(size)];
  });
  return Buffer.concat([...parts, endOfArchive]);
}

const directory = { type: 'directory', mode: 0o755 } as const;

async function linesOf<T>(stream: ReadableStream<Uint8Array>): Promise<T[]> {
  const text = await new Response(stream).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** `A /path 3`, with `[n]` for a directory of n entries, and `# 1` where layer 1 begins. */
function told(line: LayerChangesLine | ImageChangesLine): string {
  if ('Layer' in line) return `# ${line.Layer}`;
  if ('More' in line) return `+ ${line.More}`;
  if ('Change' in line) return toldChange(line.Change);
  return JSON.stringify(line);
}

function toldChange({ Kind, Path, Size, Entries }: FileChange): string {
  return `${'CAD'.charAt(Kind)} ${Path} ${Size}${Entries === undefined ? '' : ` [${Entries}]`}`;
}

async function layers(chainId: Parameters<SnapshotFixture['store']['layerChanges']>[0], more = {}) {
  const options = { isWhole: false, limit: 100, ...more };
  return (await linesOf<LayerChangesLine>(snapshots.store.layerChanges(chainId, options))).map(told);
}

describe('the changes of each layer', () => {
  test('are told from the top: new directories as one, deletions with what they took away', async () => {
    const base = await snapshots.add(
      layer(
        { name: 'etc', ...directory },
        { name: 'etc/passwd', text: 'root' },
        { name: 'usr/lib/a', text: 'aaa' },
        { name: 'usr/lib/b', type: 'link', linkName: 'usr/lib/a' },
        { name: 'old', text: '12345' },
      ),
    );
    const top = await snapshots.add(
      layer(
        { name: 'etc/passwd', text: 'root!' },
        { name: 'etc/.wh.nothing' },
        { name: 'usr/.wh.lib' },
        { name: '.wh.old' },
        { name: 'new', text: 'n' },
      ),
      base,
    );
    expect(await layers(top)).toEqual([
      '# 1',
      'C /etc/passwd 5',
      'A /new 1',
      'D /old 5',
      'D /usr/lib 6 [2]',
      '# 0',
      'A /etc 4 [1]',
      'A /old 5',
      'A /usr 3 [3]',
    ]);
  });

  test('name every path where all are wanted, and count those beyond the limit', async () => {
    const base = await snapshots.add(layer({ name: 'a/b/c', text: 'c' }, { name: 'z', text: 'zz' }));
    expect(await layers(base, { isWhole: true })).toEqual([
      '# 0',
      'A /a 0',
      'A /a/b 0',
      'A /a/b/c 1',
      'A /z 2',
    ]);
    expect(await layers(base, { isWhole: true, limit: 1 })).toEqual(['# 0', 'A /a 0', '+ 3']);
  });

  test('see through opaque directories: what they hide is deleted, what they bring again is changed', async () => {
    const base = await snapshots.add(
      layer({ name: 'd/gone', text: '1' }, { name: 'd/kept', text: '22' }, { name: 'd/sub/x', text: '333' }),
    );
    const top = await snapshots.add(
      layer({ name: 'd', ...directory }, { name: 'd/.wh..wh..opq' }, { name: 'd/kept', text: '4444' }),
      base,
    );
    const [, ...changes] = await layers(top);
    expect(changes.slice(0, changes.indexOf('# 0'))).toEqual([
      'D /d/gone 1',
      'D /d/sub 3 [1]',
      'C /d/kept 4',
    ]);
  });

  test('keep names whole that are no text', async () => {
    const name = Buffer.from([0x61, 0xff, 0x0a]);
    const base = await snapshots.add(layer({ name, text: 'x' }));
    const lines = await linesOf<LayerChangesLine>(
      snapshots.store.layerChanges(base, { isWhole: true, limit: 9 }),
    );
    const change = lines.flatMap((line) => ('Change' in line ? [line.Change] : []))[0];
    expect(Buffer.from(change?.RawPath ?? '', 'base64')).toEqual(Buffer.concat([Buffer.from('/'), name]));
  });

  test('are found through many layers', async () => {
    let chain = await snapshots.add(layer({ name: 'd/0', text: '0' }));
    for (let number = 1; number < 20; number++)
      chain = await snapshots.add(
        layer({ name: `d/${number}`, text: 'x' }, { name: `d/.wh.${number - 1}` }),
        chain,
      );
    const lines = await layers(chain);
    expect(lines.slice(0, 3)).toEqual(['# 19', 'D /d/18 1', 'A /d/19 1']);
    expect(lines).toHaveLength(20 * 3 - 1);
  });
});

describe('two images', () => {
  const compare = async (...chains: Parameters<SnapshotFixture['store']['compare']>) =>
    (await linesOf<ImageChangesLine>(snapshots.store.compare(...chains))).map(told);

  test('differ in content, owner, mode and kind, not in times', async () => {
    const before = await snapshots.add(
      layer(
        { name: 'same', text: 'same' },
        { name: 'text', text: 'aaaa' },
        { name: 'mode', text: 'm' },
        { name: 'kind', text: 'k' },
        { name: 'link', type: 'symlink', linkName: 'here' },
        { name: 'sub/deep/file', text: '1' },
        { name: 'gone/a', text: '1' },
      ),
    );
    const later = { mtime: { seconds: 99, nanoseconds: 0 } };
    const after = await snapshots.add(
      layer(
        { name: 'same', text: 'same', ...later },
        { name: 'text', text: 'bbbb' },
        { name: 'mode', text: 'm', mode: 0o755 },
        { name: 'kind/inside', text: 'k' },
        { name: 'link', type: 'symlink', linkName: 'hier' },
        { name: 'sub/deep/file', text: '2' },
        { name: 'new/a', text: '1' },
      ),
    );
    expect(await compare(before, after)).toEqual([
      'D /gone 1 [1]',
      'C /kind 0',
      'A /kind/inside 1',
      'C /link 4',
      'C /mode 1',
      'A /new 0',
      'A /new/a 1',
      'C /sub 0',
      'C /sub/deep 0',
      'C /sub/deep/file 1',
      'C /text 4',
    ]);
    expect(await compare(before, before)).toEqual([]);
  });

  test('share layers, and whiteouts count on both sides', async () => {
    const base = await snapshots.add(layer({ name: 'd/a', text: '1' }, { name: 'd/b', text: '2' }));
    const one = await snapshots.add(layer({ name: 'd/.wh.a' }), base);
    const other = await snapshots.add(layer({ name: 'd/.wh.b' }), base);
    expect(await compare(one, other)).toEqual(['C /d 0', 'A /d/a 1', 'D /d/b 1']);
    expect(await compare(undefined, base)).toEqual(['A /d 0', 'A /d/a 1', 'A /d/b 1']);
  });
});
