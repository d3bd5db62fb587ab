import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testSelf } from '../../../hub/testing/test-self.ts';
import { digestSources } from '../files/digest-sources.ts';
import type { SourceTree } from '../files/file-source.ts';
import type { BuildContext } from './build-context.ts';
import { archive, ContextFixture, type Member } from './context-fixture.ts';
import { contextsDirectory, sweepContexts } from './sweep-contexts.ts';

setDefaultTimeout(60_000);

const plain: readonly Member[] = [
  { name: 'Dockerfile', text: 'FROM scratch\n' },
  { name: '.dockerignore', text: '*.log\n' },
  { name: 'sub', type: 'directory', mode: 0o700 },
  { name: 'sub/run', text: 'run', mode: 0o4755, uid: 5, gid: 6 },
  { name: 'sub/again', type: 'link', linkName: 'sub/run' },
  { name: 'link', type: 'symlink', linkName: '/sub/run' },
  { name: 'pipe', type: 'fifo' },
];

function digest(tree: SourceTree, path = '.'): Promise<string> {
  const { signal } = new AbortController();
  const sources = [{ kind: 'tree', tree, path, unpack: false }] as const;
  return digestSources({ sources, excludes: [], parents: false, self: testSelf, signal });
}

/** The same, without what is known of its files. */
function unhashed({ root, keepsOwner }: SourceTree): SourceTree {
  return { root, keepsOwner };
}

describe('a context', () => {
  test('is the archive as files that belong to root, and gone afterwards', async () => {
    using fixture = new ContextFixture();
    let root = '';
    {
      await using context = await fixture.open(await archive(...plain));
      ({ root } = context.tree);
      const run = lstatSync(join(root, 'sub/run'));
      expect([run.uid, run.gid, run.mode & 0o7777, run.mtimeMs]).toEqual([0, 0, 0o4755, 1e12]);
      expect(lstatSync(join(root, 'sub/again')).ino).toBe(run.ino);
      expect(lstatSync(join(root, 'sub')).mode & 0o777).toBe(0o700);
      expect(lstatSync(join(root, 'pipe')).isFIFO()).toBe(true);
      expect(await context.dockerfile('Dockerfile')).toBe('FROM scratch\n');
      expect(await context.text('.dockerignore')).toBe('*.log\n');
      expect(await context.text('none')).toBeUndefined();
    }
    expect(existsSync(root)).toBe(false);
    expect(fixture.left).toEqual([]);
  });

  test.each(['gzip', 'bzip2', 'xz', 'zstd'])('may be compressed with %s', async (program) => {
    using fixture = new ContextFixture();
    const { stdout } = Bun.spawnSync([program, '-c'], { stdin: await archive(...plain) });
    await using context = await fixture.open(stdout);
    expect(await context.dockerfile('Dockerfile')).toBe('FROM scratch\n');
  });

  test('knows the digests of its files without reading them again', async () => {
    using fixture = new ContextFixture();
    await using context = await fixture.open(await archive(...plain, { name: 'sub/run', text: 'replaced' }));
    expect(await digest(context.tree)).toBe(await digest(unhashed(context.tree)));
    const told = await digest(context.tree);
    writeFileSync(join(context.tree.root, 'Dockerfile'), 'FROM another');
    expect(await digest(context.tree)).toBe(told);
    expect(await digest(unhashed(context.tree))).not.toBe(told);
  });

  test('has the same digest whatever the owners and times of its archive', async () => {
    using fixture = new ContextFixture();
    const digests = [];
    for (const more of [{}, { uid: 1000, gid: 1000, mtime: { seconds: 5, nanoseconds: 0 } }]) {
      await using context = await fixture.open(await archive({ name: 'a', text: 'a', ...more }));
      digests.push(await digest(context.tree));
    }
    expect(digests[0]).toBe(digests[1] ?? '');
  });

  test('ends when its build does', async () => {
    using fixture = new ContextFixture();
    const stop = new AbortController();
    const body = new ReadableStream<Uint8Array>(
      { pull: () => stop.abort(new Error('stopped')) },
      { highWaterMark: 0 },
    );
    await expect(fixture.open(new Uint8Array(), { body, signal: stop.signal })).rejects.toThrow('stopped');
    expect(fixture.left).toEqual([]);
  });

  test('that breaks off is told by what broke it, and leaves nothing', async () => {
    using fixture = new ContextFixture();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('the client went away')),
    });
    await expect(fixture.open(new Uint8Array(), { body })).rejects.toThrow('the client went away');
    expect(fixture.left).toEqual([]);
  });

  test('that a killed engine left is swept', async () => {
    using fixture = new ContextFixture();
    await sweepContexts(fixture.directory);
    mkdirSync(join(contextsDirectory(fixture.directory), 'old/files/deep'), { recursive: true });
    await sweepContexts(fixture.directory);
    expect(fixture.left).toEqual([]);
  });
});

describe('the Dockerfile', () => {
  async function of(members: readonly Member[], path = 'Dockerfile'): Promise<string> {
    using fixture = new ContextFixture();
    await using context: BuildContext = await fixture.open(await archive(...members));
    return await context.dockerfile(path);
  }

  test('may have another name and lie deeper', async () => {
    expect(await of([{ name: './docker/prod.Dockerfile', text: 'FROM a' }], 'docker/prod.Dockerfile')).toBe(
      'FROM a',
    );
    expect(await of([{ name: 'dockerfile', text: 'FROM b' }])).toBe('FROM b');
  });

  test('may be a link inside the context', async () => {
    const link = { name: 'Dockerfile', type: 'symlink', linkName: '/../../../x/../real' } as const;
    expect(await of([link, { name: 'real', text: 'FROM c' }])).toBe('FROM c');
  });

  test.each([
    ['is missing', [], 'Dockerfile', 'Cannot locate specified Dockerfile: Dockerfile'],
    ['is empty', [{ name: 'Dockerfile' }], 'Dockerfile', 'the Dockerfile (Dockerfile) cannot be empty'],
    ['is a directory', [{ name: 'Dockerfile', type: 'directory' }], 'Dockerfile', 'not a file'],
    ['is a fifo', [{ name: 'Dockerfile', type: 'fifo' }], 'Dockerfile', 'not a file'],
    [
      'leads out',
      [{ name: 'Dockerfile', type: 'symlink', linkName: '../../../../../../etc/passwd' }],
      'Dockerfile',
      'Cannot locate specified Dockerfile',
    ],
    [
      'is asked for outside',
      [],
      '../../etc/passwd',
      'forbidden path outside the build context: ../../etc/passwd',
    ],
  ] as const)('that %s is refused', async (_, members, path, message) => {
    await expect(of(members, path)).rejects.toThrow(message);
  });
});

describe('a hostile archive', () => {
  const hostile: readonly (readonly [what: string, members: readonly Member[], message: string])[] = [
    ['climbs', [{ name: '../../evil', text: 'x' }], 'is outside of the root'],
    [
      'links to a file that is not in it',
      [{ name: 'a', type: 'link', linkName: '/etc/passwd' }],
      'is not in the archive',
    ],
    ['has a name that is too long', [{ name: 'a'.repeat(300), text: 'x' }], 'ENAMETOOLONG'],
    ['has a path that is too long', [{ name: 'a/'.repeat(3000), type: 'directory' }], 'ENAMETOOLONG'],
  ];
  for (const [what, members, message] of hostile) {
    test(`that ${what} is refused and leaves nothing`, async () => {
      using fixture = new ContextFixture();
      await expect(fixture.open(await archive(...members))).rejects.toThrow(message);
      expect(fixture.left).toEqual([]);
    });
  }

  test('writes through links no further than its own root', async () => {
    using fixture = new ContextFixture();
    const outside = join(fixture.directory, 'outside');
    mkdirSync(outside);
    await using context = await fixture.open(
      await archive(
        { name: 'tmp', type: 'directory' },
        { name: 'way', type: 'symlink', linkName: outside },
        { name: 'up', type: 'symlink', linkName: '../../../../../../../../../../tmp' },
        { name: 'up/in', text: 'in' },
      ),
    );
    expect(readFileSync(join(context.tree.root, 'tmp/in'), 'utf8')).toBe('in');
    await expect(digest(context.tree, 'way')).rejects.toThrow('"/way": not found');
  });

  test('that is none is refused', async () => {
    using fixture = new ContextFixture();
    await expect(fixture.open(Buffer.from('FROM scratch\n'.repeat(100)))).rejects.toThrow(
      'invalid tar header',
    );
    const cut = (await archive({ name: 'a', text: 'x'.repeat(10_000) })).subarray(0, 4000);
    await expect(fixture.open(cut)).rejects.toThrow('unexpected EOF');
    await expect(
      fixture.open(Bun.gzipSync(Uint8Array.from(await archive(...plain))).subarray(0, 100)),
    ).rejects.toThrow();
    expect(fixture.left).toEqual([]);
  });
});
