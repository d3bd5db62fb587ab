/** What ADD fetches and takes apart: archives, URLs, repositories. The server is this process, on loopback. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSelf } from '../../../hub/testing/test-self.ts';
import { contextsDirectory } from '../context/sweep-contexts.ts';
import { copySources } from './copy-sources.ts';
import { FilesFixture, type Form } from './files-fixture.ts';
import { openSources, type SourcesRequest } from './open-sources.ts';

setDefaultTimeout(60_000);

let directory = '';
let server: Bun.Server<undefined>;
let commit = '';

/** An archive whose owner is 33, in every form that docker reads; and a repository to be had by plain HTTP. */
const prepare = `
  set -eu
  mkdir in && echo hi > in/a && chmod 640 in/a
  tar --owner=33 --group=33 --numeric-owner --mtime=@1000000000 -cf t.tar in
  gzip -k t.tar && bzip2 -k t.tar && xz -k t.tar && zstd -q t.tar
  head -c -35 t.tar.gz > cut.tar.gz
  echo plain | gzip > plain.gz
  mkdir repository && cd repository
  export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
  git init -q -b main .
  mkdir docs && echo one > docs/one && echo '#!/bin/sh' > run && chmod 755 run && ln -s ../../../../../../etc docs/out
  git add -A && git commit -q -m one && git tag v1
  echo two > two && git add -A && git commit -q -m two && git update-server-info
  git rev-parse HEAD
`;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'build-sources-'));
  const done = Bun.spawnSync(['sh', '-c', prepare], { cwd: directory });
  expect(done.stderr.toString()).toBe('');
  commit = done.stdout.toString().trim();
  server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer });
});
afterAll(async () => {
  await server.stop(true);
  rmSync(directory, { recursive: true });
});

function answer({ url }: Request): Response {
  const path = new URL(url).pathname.replace('/r.git/', '/repository/.git/');
  const file = join(directory, path);
  if (!existsSync(file)) return new Response('none', { status: 404 });
  return new Response(Bun.file(file), {
    headers: { 'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT', 'content-type': 'application/octet-stream' },
  });
}

/** Adds, and tells what is in the root then. `URL` stands for the server. */
async function add(
  path: string,
  to: string,
  { owner, mode, ...more }: Partial<SourcesRequest> & Pick<Form, 'owner' | 'mode'> = {},
): Promise<string[]> {
  using fixture = new FilesFixture({});
  const { signal } = new AbortController();
  {
    await using opened = await openSources({
      kind: 'ADD',
      paths: [path.replace('URL', `http://127.0.0.1:${server.port}`)],
      inline: [],
      from: { root: directory, keepsOwner: false },
      keepGitDir: false,
      directory: fixture.directory,
      self: testSelf,
      signal,
      ...more,
    });
    await copySources({
      ...opened,
      excludes: [],
      parents: false,
      root: fixture.root,
      destination: to,
      self: testSelf,
      signal,
      ...(owner && { owner }),
      ...(mode !== undefined && { mode }),
    });
    const added = join(fixture.root, 'f/t.tar');
    if (path === 'URL/t.tar' && existsSync(added))
      expect(statSync(added).mtime.toISOString()).toBe('2020-01-01T00:00:00.000Z');
  }
  if (existsSync(contextsDirectory(fixture.directory)))
    expect(readdirSync(contextsDirectory(fixture.directory))).toEqual([]);
  return fixture.lines(/\.git\//).map((line) => line.replace(/(tar|gz) [^]*/, '$1'));
}

const unpacked = ['755/ 0 d', '755/ 33 d/in', '640 33 d/in/a hi\n'];

describe('ADD of an archive', () => {
  test.each(['t.tar', 't.tar.gz', 't.tar.bz2', 't.tar.xz', 't.tar.zst'])('takes %s apart', async (name) => {
    expect(await add(name, '/d')).toEqual(unpacked);
  });

  test('that is none copies the file', async () => {
    expect(await add('plain.gz', '/d/')).toEqual(['755/ 0 d', '644 0 d/plain.gz']);
  });

  test('that lacks its end fails, as small as it may be', async () => {
    await expect(add('cut.tar.gz', '/d/')).rejects.toThrow('gzip: unexpected end');
  });

  test('gives what is in it to --chown', async () => {
    expect(await add('t.tar', '/d', { owner: { uid: 7, gid: 7 } })).toEqual([
      '755/ 7 d',
      '755/ 7 d/in',
      '640 7 d/in/a hi\n',
    ]);
  });

  test('leaves it whole with --unpack=false', async () => {
    expect(await add('t.tar', '/d/', { unpack: false })).toEqual(['755/ 0 d', '644 0 d/t.tar']);
  });

  test('beside other files that a wildcard matches', async () => {
    expect(await add('[tp]*r*.gz', '/d/')).toEqual(unpacked);
    expect(await add('[tp]*.gz', '/d/')).toEqual([
      '755/ 0 d',
      '755/ 33 d/in',
      '640 33 d/in/a hi\n',
      '644 0 d/plain.gz',
    ]);
  });
});

describe('ADD of a URL', () => {
  test('has the name of the URL in a directory, mode 0600 and the time of the server', async () => {
    expect(await add('URL/t.tar', '/f/')).toEqual(['755/ 0 f', '600 0 f/t.tar']);
    expect(await add('URL/in/a?x=1', '/f')).toEqual(['600 0 f hi\n']);
  });

  test('is taken apart with --unpack', async () => {
    expect(await add('URL/t.tar.gz', '/d', { unpack: true })).toEqual(unpacked);
  });

  test('is checked against --checksum', async () => {
    const checksum = `sha256:${new Bun.CryptoHasher('sha256').update('hi\n').digest('hex')}`;
    expect(await add('URL/in/a', '/f', { checksum, mode: '644' })).toEqual(['644 0 f hi\n']);
    await expect(add('URL/in/a', '/f', { checksum: `sha256:${'0'.repeat(64)}` })).rejects.toThrow(
      'digest mismatch',
    );
    await expect(add('URL/in/a', '/f', { checksum: 'md5:0' })).rejects.toThrow(
      'invalid checksum digest format',
    );
  });

  test('that is not there fails', async () => {
    await expect(add('URL/none', '/f')).rejects.toThrow('404');
  });
});

describe('ADD of a git repository', () => {
  test('is its files without .git', async () => {
    expect(await add('URL/r.git#v1', '/d')).toEqual([
      '755/ 0 d',
      '755/ 0 d/docs',
      '644 0 d/docs/one one\n',
      'link 0 d/docs/out -> ../../../../../../etc',
      '755 0 d/run #!/bin/sh\n',
    ]);
  });

  test('may be a directory of it, and keep .git', async () => {
    expect(await add('URL/r.git?subdir=docs', '/d/')).toEqual([
      '755/ 0 d',
      '644 0 d/one one\n',
      'link 0 d/out -> ../../../../../../etc',
    ]);
    expect(await add('URL/r.git', '/d', { keepGitDir: true })).toContain('755/ 0 d/.git');
  });

  test('a commit may be named by its first digits, and checked', async () => {
    const short = commit.slice(0, 8);
    expect(await add(`URL/r.git#${short}`, '/d', { checksum: short })).toContain('644 0 d/two two\n');
    await expect(add('URL/r.git', '/d', { checksum: '00' })).rejects.toThrow(
      `expected checksum to match 00, got ${commit}`,
    );
  });

  test('leads no further than itself by a link', async () => {
    await expect(add('URL/r.git#:docs/out', '/d')).rejects.toThrow('"/docs/out": not found');
  });

  test('or a ref that is not there fails in git’s words', async () => {
    await expect(add('URL/r.git#none', '/d')).rejects.toThrow("couldn't find remote ref none");
    await expect(add('URL/none.git', '/d')).rejects.toThrow('cannot fetch the git repository');
  });
});

test.each([
  ['COPY', ['http://host/x'], undefined, "source can't be a URL for COPY"],
  ['COPY', ['https://host/x.git'], undefined, "source can't be a git ref for COPY"],
  ['ADD', ['a', 'b'], 'sha256:0', "checksum can't be specified for multiple sources"],
  ['ADD', ['a'], 'sha256:0', 'checksum requires HTTP(S) or Git sources'],
] as const)('%s of %p with checksum %p is refused', async (kind, paths, checksum, message) => {
  await expect(add('', '/d', { kind, paths, ...(checksum && { checksum }) })).rejects.toThrow(message);
});
