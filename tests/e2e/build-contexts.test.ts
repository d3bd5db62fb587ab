/** `cais build --build-context`: directories, images, OCI layouts and repositories under names of the Dockerfile's. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

const program = join(import.meta.dir, '../../src/bin/cais.ts');

let engine: RunningEngine;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'build-contexts-'));
  engine = await RunningEngine.start();
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function write(path: string, text: string): void {
  const whole = join(directory, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
}

async function cais(...words: readonly string[]) {
  const child = Bun.spawn([process.execPath, program, ...words], {
    cwd: directory,
    env: {
      ...process.env,
      CAIS_HOST: `unix://${engine.socketPath}`,
      DOCKER_CONFIG: directory,
      NO_COLOR: '1',
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stderr, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  return { stderr, exitCode };
}

/** Builds the Dockerfile, of nothing else, and gives its files: texts by path. */
async function files(dockerfile: string, ...flags: readonly string[]): Promise<Record<string, string>> {
  write('main/Dockerfile', dockerfile);
  const output = join(directory, 'out');
  rmSync(output, { recursive: true, force: true });
  const { stderr, exitCode } = await cais('build', '-o', output, ...flags, 'main');
  if (exitCode !== 0) throw new TypeError(stderr);
  const paths = readdirSync(output, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const texts = paths.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(texts.map((path) => [path.slice(output.length + 1), readFileSync(path, 'utf8')]));
}

async function imageIds(): Promise<string[]> {
  const { body } = await engine.call('GET', '/images/json?all=1');
  return (body as unknown as { Id: string }[]).map(({ Id }) => Id);
}

describe('a directory', () => {
  test('gives its files to COPY, RUN and FROM, without what its own .dockerignore leaves out', async () => {
    write('lib/.dockerignore', '*.log\n');
    write('lib/a.txt', 'a');
    write('lib/sub/b.txt', 'b');
    write('lib/debug.log', 'no');
    const dockerfile = `
FROM busybox AS ran
RUN --network=none --mount=from=lib,target=/in cat /in/a.txt /in/sub/b.txt > /ran
FROM lib
COPY --from=ran /ran /ran
COPY --from=lib --chown=3:4 sub /copied`;
    expect(await files(dockerfile, '--build-context', 'lib=lib')).toEqual({
      '.dockerignore': '*.log\n',
      'a.txt': 'a',
      'sub/b.txt': 'b',
      'copied/b.txt': 'b',
      ran: 'ab',
    });
    const { stderr } = await cais('build', '--progress=plain', '--build-context', 'lib=lib', 'main');
    expect(stderr).toContain('CACHED');
  });

  test('that no step needs is not sent: not even read', async () => {
    const { exitCode } = await cais(
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
    const { stderr, exitCode } = await cais('build', '--build-context', value, 'main');
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  });
});

test('an image under another name', async () => {
  expect(
    await files(
      'FROM replaced AS base\nFROM scratch\nCOPY --from=base /etc/passwd /p\nCOPY --from=other/name:1 /etc/group /g',
      '--build-context',
      'replaced=docker-image://busybox',
      '--build-context',
      'other/name:1=docker-image://busybox:latest',
    ),
  ).toEqual({ p: expect.stringContaining('root:') as string, g: expect.stringContaining('root:') as string });
});

test('an OCI layout, by tag and by digest; its image goes with the build', async () => {
  write('main/Dockerfile', 'FROM scratch\nCOPY Dockerfile /of-layout\nENV FROM=layout');
  await cais('build', '-t', 'layout:one', '-o', `type=oci,dest=${directory}/layout.tar`, 'main');
  mkdirSync(join(directory, 'layout'), { recursive: true });
  Bun.spawnSync(['tar', '-xf', join(directory, 'layout.tar'), '-C', join(directory, 'layout')]);
  await cais('rmi', 'layout:one');
  const before = await imageIds();
  const { manifests } = JSON.parse(readFileSync(join(directory, 'layout/index.json'), 'utf8')) as {
    manifests: { digest: string }[];
  };
  const dockerfile = 'FROM base AS b\nFROM scratch\nCOPY --from=b /of-layout /';
  for (const place of ['layout:one', `layout@${manifests[0]?.digest}`]) {
    const found = await files(dockerfile, '--build-context', `base=oci-layout://${place}`);
    expect(Object.keys(found)).toEqual(['of-layout']);
  }
  expect(await imageIds()).toEqual(before);
  const { stderr } = await cais('build', '--build-context', 'base=oci-layout://layout:none', 'main');
  expect(stderr).toContain('oci-layout reference "layout:none" could not be resolved');
});

test('a file and a git repository at URLs', async () => {
  const repository = join(directory, 'repository');
  const git = (...words: string[]): void => {
    const { exitCode, stderr } = Bun.spawnSync(['git', '-C', repository, ...words], {
      env: { ...process.env, HOME: directory },
    });
    if (exitCode !== 0) throw new TypeError(String(stderr));
  };
  mkdirSync(repository);
  write('repository/docs/here.txt', 'of git');
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qm', 'one');
  git('update-server-info');
  await using server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/file') return new Response('of a url');
      const path = join(repository, '.git', pathname.replace(/^\/r\.git/, ''));
      return existsSync(path) ? new Response(Bun.file(path)) : new Response('', { status: 404 });
    },
  });
  expect(
    await files(
      'FROM scratch\nCOPY --from=web /context /web\nCOPY --from=code / /',
      '--build-context',
      `web=${server.url.href}file`,
      '--build-context',
      `code=${server.url.href}r.git#main:docs`,
    ),
  ).toEqual({ web: 'of a url', 'here.txt': 'of git' });
});
