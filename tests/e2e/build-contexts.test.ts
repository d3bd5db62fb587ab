/** `cais build --build-context`: directories, images, OCI layouts and repositories under names of the Dockerfile's. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildDirectory } from '../support/build-directory.ts';

setDefaultTimeout(120_000);

let here: BuildDirectory;
beforeAll(async () => void (here = await BuildDirectory.open()));
afterAll(() => here?.[Symbol.asyncDispose]());

describe('a directory', () => {
  test('gives its files to COPY, RUN and FROM, without what its own .dockerignore leaves out', async () => {
    here.write('lib/.dockerignore', '*.log\n');
    here.write('lib/a.txt', 'a');
    here.write('lib/sub/b.txt', 'b');
    here.write('lib/debug.log', 'no');
    const dockerfile = `
FROM busybox AS ran
RUN --network=none --mount=from=lib,target=/in cat /in/a.txt /in/sub/b.txt > /ran
FROM lib
COPY --from=ran /ran /ran
COPY --from=lib --chown=3:4 sub /copied`;
    expect(await here.files(dockerfile, '--build-context', 'lib=lib')).toEqual({
      '.dockerignore': '*.log\n',
      'a.txt': 'a',
      'sub/b.txt': 'b',
      'copied/b.txt': 'b',
      ran: 'ab',
    });
    const { stderr } = await here.cais('build', '--progress=plain', '--build-context', 'lib=lib', 'main');
    expect(stderr).toContain('CACHED');
  });

  test('that no step needs is not sent: not even read', async () => {
    const { exitCode } = await here.cais(
      'build',
      '--build-context',
      'unused=/proc',
      '-f',
      'main/Dockerfile',
      '--build-context',
      'lib=lib',
      'main',
    );
    expect(exitCode).toBe(0);
  });

  test.each([
    ['nope=missing', 'failed to get build context nope: stat missing: no such file or directory'],
    ['nope=main/Dockerfile', 'failed to get build context nope: main/Dockerfile is not a directory'],
    ['nope', 'invalid context value: nope, expected key=value'],
    ['No Name=lib', 'invalid context name No Name'],
  ])('%s is refused', async (value, message) => {
    const { stderr, exitCode } = await here.cais('build', '--build-context', value, 'main');
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  });
});

test('an image under another name', async () => {
  expect(
    await here.files(
      'FROM replaced AS base\nFROM scratch\nCOPY --from=base /etc/passwd /p\nCOPY --from=other/name:1 /etc/group /g',
      '--build-context',
      'replaced=docker-image://busybox',
      '--build-context',
      'other/name:1=docker-image://busybox:latest',
    ),
  ).toEqual({ p: expect.stringContaining('root:') as string, g: expect.stringContaining('root:') as string });
});

test('an OCI layout, by tag and by digest; its image goes with the build', async () => {
  here.write('main/Dockerfile', 'FROM scratch\nCOPY Dockerfile /of-layout\nENV FROM=layout');
  await here.cais('build', '-t', 'layout:one', '-o', `type=oci,dest=${here.path}/layout.tar`, 'main');
  mkdirSync(join(here.path, 'layout'), { recursive: true });
  Bun.spawnSync(['tar', '-xf', join(here.path, 'layout.tar'), '-C', join(here.path, 'layout')]);
  await here.cais('rmi', 'layout:one');
  const before = await here.imageIds();
  const { manifests } = JSON.parse(readFileSync(join(here.path, 'layout/index.json'), 'utf8')) as {
    manifests: { digest: string }[];
  };
  const dockerfile = 'FROM base AS b\nFROM scratch\nCOPY --from=b /of-layout /';
  for (const place of ['layout:one', `layout@${manifests[0]?.digest}`]) {
    const found = await here.files(dockerfile, '--build-context', `base=oci-layout://${place}`);
    expect(Object.keys(found)).toEqual(['of-layout']);
  }
  expect(await here.imageIds()).toEqual(before);
  const { stderr } = await here.cais('build', '--build-context', 'base=oci-layout://layout:none', 'main');
  expect(stderr).toContain('oci-layout reference "layout:none" could not be resolved');
});

/** A repository and a file on a web server that asks for these words in front of them. */
function serve(authorizations: Readonly<Record<string, string>> = {}) {
  const repository = join(here.path, 'repository');
  const git = (...words: string[]): void => {
    const env = { ...process.env, HOME: here.path };
    const { exitCode, stderr } = Bun.spawnSync(['git', '-C', repository, ...words], { env });
    if (exitCode !== 0) throw new TypeError(String(stderr));
  };
  if (!existsSync(repository)) {
    here.write('repository/docs/here.txt', 'of git');
    here.write('repository/Dockerfile', 'FROM scratch\nCOPY docs/here.txt /theirs');
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qm', 'one');
    git('update-server-info');
  }
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      const wanted = authorizations[pathname === '/file' ? 'file' : 'git'];
      if (wanted !== undefined && request.headers.get('authorization') !== wanted)
        return new Response('', { status: 401 });
      if (pathname === '/file') return new Response('of a url');
      const path = join(repository, '.git', pathname.replace(/^\/r\.git/, ''));
      return existsSync(path) ? new Response(Bun.file(path)) : new Response('', { status: 404 });
    },
  });
}

test('a file and a git repository at URLs', async () => {
  await using server = serve();
  expect(
    await here.files(
      'FROM scratch\nCOPY --from=web /context /web\nCOPY --from=code / /',
      '--build-context',
      `web=${server.url.href}file`,
      '--build-context',
      `code=${server.url.href}r.git#main:docs`,
    ),
  ).toEqual({ web: 'of a url', 'here.txt': 'of git' });
});

describe('what is private', () => {
  const token = `basic ${Buffer.from('x-access-token:hush').toString('base64')}`;

  test('is opened by secrets of the names that BuildKit knows', async () => {
    await using server = serve({ git: token, file: 'Bearer quiet' });
    here.write('git-token', 'hush\n');
    here.write('web-token', 'quiet');
    const dockerfile = `FROM scratch
ADD ${server.url.href}r.git#main:docs /git
ADD ${server.url.href}file /file`;
    const git = ['--secret', `id=GIT_AUTH_TOKEN.${server.url.host},src=git-token`];
    const web = ['--secret', 'id=HTTP_AUTH_TOKEN_127.0.0.1,src=web-token'];
    expect(await here.files(dockerfile, ...git, ...web)).toEqual({
      'git/here.txt': 'of git',
      file: 'of a url',
    });
    await expect(here.files(dockerfile, '--no-cache', ...git)).rejects.toThrow('status 401');
    await expect(here.files(dockerfile, '--no-cache', ...web)).rejects.toThrow(
      'cannot fetch the git repository',
    );
  });

  test('may be the context, with a Dockerfile from stdin', async () => {
    await using server = serve({ git: 'Custom words' });
    here.write('git-header', 'Custom words');
    const flags = ['-o', 'out', '--secret', 'id=GIT_AUTH_HEADER,src=git-header'];
    const context = `${server.url.href}r.git#main`;
    expect(await here.cais('build', ...flags, context)).toMatchObject({ exitCode: 0 });
    const mine = await here.fed('FROM scratch\nCOPY docs /mine', 'build', ...flags, '-f', '-', context);
    expect([mine.exitCode, mine.stderr]).toEqual([0, expect.anything() as unknown as string]);
    expect(readFileSync(join(here.path, 'out/theirs'), 'utf8')).toBe('of git');
    expect(readFileSync(join(here.path, 'out/mine/here.txt'), 'utf8')).toBe('of git');
  });
});
