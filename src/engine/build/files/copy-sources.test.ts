/**
 * The forms of COPY and ADD, and what they leave in the root: as the Dockerfile reference says, and where that is silent
 * as BuildKit does it (frontend/dockerfile/dockerfile_copy_test.go and its neighbours, github.com/tonistiigi/fsutil/copy).
 */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Files, FilesFixture, type Form, someTime } from './files-fixture.ts';

setDefaultTimeout(60_000);

const source: Files = {
  'a.go': { text: 'a', mode: 0o640 },
  'b.go': 'b',
  'c.txt': 'c',
  'arr[0].txt': 'brackets',
  'run.sh': { text: 'run', mode: 0o755 },
  'link.go': '-> a.go',
  out: '-> ../../../etc/hostname',
  'sub/dir1/dir2/foo': { text: 'foo', mode: 0o600 },
  'sub/dir1/note.md': 'note',
  'sub/link': '-> ../c.txt',
  sublink: '-> sub/dir1',
  'src/a.txt': 'src a',
  'src/x/b.txt': 'src b',
  'src/x/y/c.txt': 'src c',
  'src/x/y/d.md': 'src d',
};

interface Case {
  readonly name: string;
  readonly form: Form;
  readonly root?: Files;
  readonly lines: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'a file to a name', form: { from: ['c.txt'], to: '/abs' }, lines: ['644 0 abs c'] },
  {
    name: 'a file into a directory that is asked for by a slash',
    form: { from: ['c.txt'], to: '/abs/' },
    lines: ['755/ 0 abs', '644 0 abs/c.txt c'],
  },
  {
    name: 'a file into a directory that is there',
    form: { from: ['c.txt'], to: '/abs' },
    root: { 'abs/': { text: '', mode: 0o700, owner: 7 } },
    lines: ['700/ 7 abs', '644 0 abs/c.txt c'],
  },
  {
    name: 'a file over a file: content, mode and owner are new',
    form: { from: ['a.go'], to: '/abs' },
    root: { abs: { text: 'old', mode: 0o777, owner: 7 } },
    lines: ['640 0 abs a'],
  },
  {
    name: 'missing parents are made',
    form: { from: ['c.txt'], to: '/x/y/z' },
    lines: ['755/ 0 x', '755/ 0 x/y', '644 0 x/y/z c'],
  },
  {
    name: 'of a directory, what is in it',
    form: { from: ['sub'], to: '/dest' },
    lines: [
      '755/ 0 dest',
      '755/ 0 dest/dir1',
      '755/ 0 dest/dir1/dir2',
      '600 0 dest/dir1/dir2/foo foo',
      '644 0 dest/dir1/note.md note',
      'link 0 dest/link -> ../c.txt',
    ],
  },
  {
    name: 'slashes behind a source say nothing',
    form: { from: ['sub/dir1/', 'sub/dir1/.'], to: 'd' },
    lines: ['755/ 0 d', '755/ 0 d/dir2', '600 0 d/dir2/foo foo', '644 0 d/note.md note'],
  },
  {
    name: 'directories are merged, conflicts go to what comes',
    form: { from: ['sub/dir1'], to: '/dest' },
    root: { 'dest/keep': 'keep', 'dest/note.md': 'old', 'dest/dir2/old': 'old' },
    lines: [
      '755/ 0 dest',
      '755/ 0 dest/dir2',
      '600 0 dest/dir2/foo foo',
      '644 0 dest/dir2/old old',
      '644 0 dest/keep keep',
      '644 0 dest/note.md note',
    ],
  },
  {
    name: 'a source that climbs begins at the root of the context',
    form: { from: ['../../c.txt'], to: '/x' },
    lines: ['644 0 x c'],
  },
  {
    name: 'wildcards match names in one directory',
    form: { from: ['*.go'], to: '/go/' },
    lines: ['755/ 0 go', '640 0 go/a.go a', '644 0 go/b.go b', '640 0 go/link.go a'],
  },
  {
    name: 'wildcards in several parts',
    form: { from: ['s?b/*/dir2/f[a-o]o'], to: '/go/' },
    lines: ['755/ 0 go', '600 0 go/foo foo'],
  },
  {
    name: 'a wildcard that matches a directory copies what is in it',
    form: { from: ['sub/d*'], to: '/go/' },
    lines: ['755/ 0 go', '755/ 0 go/dir2', '600 0 go/dir2/foo foo', '644 0 go/note.md note'],
  },
  {
    name: 'a wildcard that matches nothing copies nothing',
    form: { from: ['c.txt', '*.none'], to: '/x/' },
    lines: ['755/ 0 x', '644 0 x/c.txt c'],
  },
  {
    name: 'characters of wildcards are written in brackets',
    form: { from: ['arr[[]0].txt'], to: '/x' },
    lines: ['644 0 x brackets'],
  },
  {
    name: 'a link that is a source is followed, and gives its name',
    form: { from: ['link.go'], to: '/x/' },
    lines: ['755/ 0 x', '640 0 x/link.go a'],
  },
  {
    name: 'links on the way to a source are followed',
    form: { from: ['sublink/note.md'], to: '/x' },
    lines: ['644 0 x note'],
  },
  {
    name: '--chown for files, and for parents that are made',
    form: { from: ['sub/dir1'], to: '/p/q/', owner: { uid: 10, gid: 11 } },
    root: { 'p/': { text: '', owner: 3 } },
    lines: [
      '755/ 3 p',
      '755/ 10 p/q',
      '755/ 10 p/q/dir2',
      '600 10 p/q/dir2/foo foo',
      '644 10 p/q/note.md note',
    ],
  },
  {
    name: '--chmod in octal, for all that is made',
    form: { from: ['sub/dir1'], to: '/p/q', mode: '751' },
    lines: ['751/ 0 p', '751/ 0 p/q', '751/ 0 p/q/dir2', '751 0 p/q/dir2/foo foo', '751 0 p/q/note.md note'],
  },
  {
    name: '--chmod in symbols keeps what was executable',
    form: { from: ['run.sh', 'c.txt', 'sub/dir1'], to: '/p/', mode: 'u=rwX,go=rX' },
    lines: [
      '755/ 0 p',
      '644 0 p/c.txt c',
      '755/ 0 p/dir2',
      '644 0 p/dir2/foo foo',
      '644 0 p/note.md note',
      '755 0 p/run.sh run',
    ],
  },
  {
    name: '--parents keeps the path',
    form: { from: ['src/a.txt', './sub/dir1/note.md'], to: '/p/', parents: true },
    lines: [
      '755/ 0 p',
      '755/ 0 p/src',
      '644 0 p/src/a.txt src a',
      '755/ 0 p/sub',
      '755/ 0 p/sub/dir1',
      '644 0 p/sub/dir1/note.md note',
    ],
  },
  {
    name: '--parents keeps the path from the pivot on',
    form: { from: ['./src/./x/y/*.txt'], to: '/p/', parents: true },
    lines: ['755/ 0 p', '755/ 0 p/x', '755/ 0 p/x/y', '644 0 p/x/y/c.txt src c'],
  },
  {
    name: '--parents with ** for any number of directories',
    form: { from: ['src/**/*.txt'], to: '/p/', parents: true },
    lines: [
      '755/ 0 p',
      '755/ 0 p/src',
      '644 0 p/src/a.txt src a',
      '755/ 0 p/src/x',
      '644 0 p/src/x/b.txt src b',
      '755/ 0 p/src/x/y',
      '644 0 p/src/x/y/c.txt src c',
    ],
  },
  {
    name: '--parents of a directory brings all of it',
    form: { from: ['src/x/./y'], to: '/p', parents: true },
    lines: ['755/ 0 p', '755/ 0 p/y', '644 0 p/y/c.txt src c', '644 0 p/y/d.md src d'],
  },
  {
    name: '--exclude, from the source on',
    form: { from: ['src'], to: '/p', excludes: ['**/*.txt', 'x/none'] },
    lines: ['755/ 0 p', '755/ 0 p/x', '755/ 0 p/x/y', '644 0 p/x/y/d.md src d'],
  },
  {
    name: '--exclude of names that a wildcard matches',
    form: { from: ['*.go', 'c*'], to: '/p/', excludes: ['b.*', '*.txt'] },
    lines: ['755/ 0 p', '640 0 p/a.go a', '640 0 p/link.go a'],
  },
  {
    name: '--exclude of a directory, all but one file',
    form: { from: ['src'], to: '/p', excludes: ['x', '!x/y/d.md'] },
    lines: ['755/ 0 p', '644 0 p/a.txt src a', '755/ 0 p/x', '755/ 0 p/x/y', '644 0 p/x/y/d.md src d'],
  },
  {
    name: 'what .dockerignore leaves out is not there',
    form: { from: ['src', '*.go'], to: '/p/', ignore: ['src/x/*', '!src/x/y', '**/d.md', '*.go', '!a.go'] },
    lines: [
      '755/ 0 p',
      '640 0 p/a.go a',
      '644 0 p/a.txt src a',
      '755/ 0 p/x',
      '755/ 0 p/x/y',
      '644 0 p/x/y/c.txt src c',
    ],
  },
  {
    name: 'a heredoc is a file of its name',
    form: {
      from: [{ kind: 'inline', name: 'hello.sh', content: 'echo\n' }],
      to: '/x/',
      owner: { uid: 4, gid: 4 },
      mode: '700',
    },
    lines: ['700/ 4 x', '700 4 x/hello.sh echo\n'],
  },
  {
    name: 'links in the destination lead inside the root',
    form: { from: ['c.txt'], to: '/way/d/' },
    root: { 'real/': '', way: '-> /../../../real' },
    lines: ['755/ 0 real', '755/ 0 real/d', '644 0 real/d/c.txt c', 'link 0 way -> /../../../real'],
  },
  {
    name: 'a link to nothing in the destination makes what it names',
    form: { from: ['c.txt'], to: '/way/' },
    root: { way: '-> later/on' },
    lines: ['755/ 0 later', '755/ 0 later/on', '644 0 later/on/c.txt c', 'link 0 way -> later/on'],
  },
  {
    name: 'a link in the place of a file in a directory is replaced, not followed',
    form: { from: ['c.txt'], to: '/d/' },
    root: { 'd/c.txt': '-> ../passwd', passwd: 'root' },
    lines: ['755/ 0 d', '644 0 d/c.txt c', '644 0 passwd root'],
  },
];

describe('COPY and ADD', () => {
  for (const { name, form, root = {}, lines } of cases) {
    test(name, async () => {
      using fixture = new FilesFixture({ source, root });
      await fixture.copy(form);
      expect(fixture.lines()).toEqual([...lines]);
    });
  }
});

describe('COPY refuses', () => {
  const refused: readonly {
    readonly name: string;
    readonly form: Form;
    readonly root?: Files;
    readonly message: string;
  }[] = [
    { name: 'what is not there', form: { from: ['none'], to: '/x' }, message: '"/none": not found' },
    {
      name: 'a slip of the pen',
      form: { from: ['c.tx'], to: '/x' },
      message: '"/c.tx": not found (did you mean c.txt?)',
    },
    {
      name: 'a link that leads out of the context',
      form: { from: ['out'], to: '/x' },
      message: '"/out": not found',
    },
    {
      name: 'what .dockerignore leaves out',
      form: { from: ['c.txt'], to: '/x', ignore: ['*.txt'] },
      message: '"/c.txt": not found (excluded by .dockerignore or --exclude)',
    },
    {
      name: 'a missing path with --parents',
      form: { from: ['src/./none'], to: '/x', parents: true },
      message: '"/src/none": not found',
    },
    {
      name: 'a directory over a file',
      form: { from: ['sub'], to: '/x' },
      root: { x: 'x' },
      message: 'cannot copy to non-directory: /x',
    },
    {
      name: 'a directory over a file inside',
      form: { from: ['sub'], to: '/x' },
      root: { 'x/dir1': 'x' },
      message: 'cannot copy to non-directory: /x/dir1',
    },
    {
      name: 'a file over a directory',
      form: { from: ['c.txt'], to: '/x/' },
      root: { 'x/c.txt/': '' },
      message: 'cannot replace to directory /x/c.txt with file',
    },
    {
      name: 'a file as a parent',
      form: { from: ['c.txt'], to: '/x/y/z' },
      root: { x: 'x' },
      message: 'mkdir /x: not a directory',
    },
    {
      name: 'a file where the slash asks for a directory',
      form: { from: ['c.txt'], to: '/x/' },
      root: { x: 'x' },
      message: 'mkdir /x: not a directory',
    },
    {
      name: 'a loop of links',
      form: { from: ['c.txt'], to: '/x/y' },
      root: { x: '-> y', y: '-> x' },
      message: 'too many symbolic links',
    },
    {
      name: 'a mode that none is',
      form: { from: ['c.txt'], to: '/x', mode: '64a' },
      message: "invalid chmod parameter: '64a'. it should be octal string and between 0 and 07777",
    },
  ];
  for (const { name, form, root = {}, message } of refused) {
    test(name, async () => {
      using fixture = new FilesFixture({ source, root });
      await expect(fixture.copy(form)).rejects.toThrow(message);
    });
  }
});

describe('COPY --from', () => {
  const stage: Files = {
    'dir/sub/nested': { text: 'n', owner: 102 },
    'dir/sub/': { text: '', owner: 101 },
    'dir/': { text: '', owner: 100, mode: 0o700 },
    file: { text: 'f', owner: 100, mode: 0o4755 },
    bin: '-> dir/sub',
  };

  test('keeps owners; the destination itself is root’s, or as it was', async () => {
    using fixture = new FilesFixture({
      source: stage,
      root: { 'there/': { text: '', owner: 500, mode: 0o711 } },
    });
    await fixture.copy({ from: ['/file'], to: '/', isStage: true });
    await fixture.copy({ from: ['/dir'], to: '/new', isStage: true });
    await fixture.copy({ from: ['/dir/.'], to: '/there', isStage: true });
    expect(fixture.lines()).toEqual([
      '4755 100 file f',
      '755/ 0 new',
      '755/ 101 new/sub',
      '644 102 new/sub/nested n',
      '711/ 500 there',
      '755/ 101 there/sub',
      '644 102 there/sub/nested n',
    ]);
  });

  test('--chown changes what is copied, not what is there', async () => {
    using fixture = new FilesFixture({ source: stage, root: { 'there/': { text: '', owner: 500 } } });
    await fixture.copy({
      from: ['/dir', '/file'],
      to: '/there/',
      isStage: true,
      owner: { uid: 300, gid: 400 },
    });
    expect(fixture.lines()).toEqual([
      '755/ 500 there',
      '4755 300 there/file f',
      '755/ 300 there/sub',
      '644 300 there/sub/nested n',
    ]);
  });
});

test('times of the source are kept, the destination directory has that of its source', async () => {
  using fixture = new FilesFixture({ source: { 'd/e/f': 'f', 'd/e/': '', 'd/': '' } });
  await fixture.copy({ from: ['d'], to: '/x' });
  for (const path of ['x', 'x/e', 'x/e/f'])
    expect(statSync(join(fixture.root, path)).mtimeMs).toBe(someTime * 1000);
});

test('names of one file stay one file, holes stay holes, fifos and sockets are no trouble', async () => {
  using fixture = new FilesFixture({ source: { 'd/a': 'one', 'd/e/b': '= d/a', 'd/e/f/c': '= d/a' } });
  const sparse = Bun.spawnSync(['sh', '-c', 'truncate -s 1G sparse && printf end >> sparse && mkfifo pipe'], {
    cwd: join(fixture.source, 'd'),
  });
  expect(sparse.exitCode).toBe(0);
  await fixture.copy({ from: ['d'], to: '/' });
  const at = (path: string) => lstatSync(join(fixture.root, path));
  expect([at('e/b').ino, at('e/f/c').ino]).toEqual([at('a').ino, at('a').ino]);
  expect(at('sparse').size).toBe(2 ** 30 + 3);
  expect(at('sparse').blocks).toBeLessThan(1000);
  expect(at('pipe').isFIFO()).toBe(true);
});
