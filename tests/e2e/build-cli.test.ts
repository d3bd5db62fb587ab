/** `cais build` as people type it, against an engine of this test's own. */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RunningEngine } from '../support/running-engine.ts';
import { Terminal } from '../support/terminal.ts';

setDefaultTimeout(120_000);

const program = join(import.meta.dir, '../../src/bin/cais.ts');

let engine: RunningEngine;
let directory: string;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  directory = realpathSync(await mkdtemp(join(tmpdir(), 'build-cli-')));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(path: string, ...lines: readonly string[]): string {
  const whole = join(directory, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, lines.map((line) => `${line}\n`).join(''));
  return whole;
}

function copy(from: string, to: string): void {
  const whole = join(directory, to);
  mkdirSync(dirname(whole), { recursive: true });
  copyFileSync(realpathSync(from), whole);
}

async function keygen(path: string): Promise<void> {
  await Bun.spawn(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path]).exited;
}

const variables = () => ({
  CAIS_HOST: `unix://${engine.socketPath}`,
  DOCKER_CONFIG: directory,
  NO_COLOR: '1',
});

async function cais(...words: readonly string[]) {
  const child = Bun.spawn([process.execPath, program, ...words], {
    cwd: directory,
    env: { ...process.env, ...variables() },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

/** What is there besides the test's own images: nothing. */
async function containers(): Promise<number> {
  const { body } = await engine.call('GET', '/containers/json?all=1');
  return (body as unknown as unknown[]).length;
}

describe('cais build', () => {
  test('builds what runs; the same again is cached, step by step, and the same image', async () => {
    write(
      'Dockerfile',
      'FROM busybox',
      'WORKDIR /app',
      'COPY greeting .',
      'RUN cat greeting > said',
      'CMD cat said',
    );
    write('greeting', 'hello from the quay');
    const first = await cais('build', '-t', 'quay:1', '--iidfile', 'iid', '.');
    expect([first.exitCode, first.stdout]).toEqual([0, '']);
    expect(first.stderr).toMatch(/#\d+ \[3\/4\] COPY greeting \.\n#\d+ DONE /);
    expect(first.stderr).toMatch(
      /Image {2}[0-9a-f]{12} {2}quay:1 {2}in .*s\nRun {4}cais run --rm -it quay:1\n/,
    );
    expect((await cais('run', '--rm', '--network', 'none', 'quay:1')).stdout).toBe('hello from the quay\n');
    const again = await cais('build', '-q', '-t', 'quay:1', '.');
    expect(again.stdout).toBe(`${readFileSync(join(directory, 'iid'), 'utf8')}\n`);
    const shown = await cais('build', '.');
    expect(shown.stderr.match(/CACHED/g)?.length).toBe(4);
  });

  test('a step that fails: its output, its line, its exit code', async () => {
    write('Dockerfile', 'FROM busybox', 'RUN echo so far; exit 42');
    const { stderr, exitCode } = await cais('build', '.');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/------\n > \[2\/2\] RUN echo so far; exit 42:\n[0-9.]+ so far\n------\n/);
    expect(stderr).toContain(
      'Dockerfile:2\n--------------------\n   1 |     FROM busybox\n   2 | >>> RUN echo so far; exit 42\n',
    );
    expect(stderr).toContain('did not complete successfully: exit code: 42\n');
    expect(await containers()).toBe(0);
  });

  test('a mistake in the Dockerfile is shown at its line', async () => {
    write('Dockerfile', 'FROM busybox', 'RUNN true');
    const { stderr, exitCode } = await cais('build', '.');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Dockerfile:2\n');
    expect(stderr).toContain(
      'dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)\n',
    );
  });

  test('a secret is there for its step and nowhere else', async () => {
    write('Dockerfile', 'FROM busybox', 'RUN --mount=type=secret,id=token wc -c < /run/secrets/token');
    write('token', 'hush');
    const { stderr, exitCode } = await cais('build', '-t', 'secret:1', '--secret', 'id=token,src=token', '.');
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/#\d+ [0-9.]+ 5\n/) as unknown as string]);
    const left = await cais('run', '--rm', '--network', 'none', 'secret:1', 'ls', '/run/secrets');
    expect(left.exitCode).toBe(1);
  });

  test('a key lent by --ssh signs in its step', async () => {
    await keygen(join(directory, 'key'));
    // The base image has no ssh: this machine's, with its libraries.
    const { stdout: libraries } = Bun.spawnSync(['ldd', '/usr/bin/ssh-add']);
    for (const [path] of libraries.toString().matchAll(/\/\S+/g)) copy(path, `context${path}`);
    copy('/usr/bin/ssh-add', 'context/usr/bin/ssh-add');
    copy(join(directory, 'key.pub'), 'context/key.pub');
    write(
      'context/Dockerfile',
      'FROM busybox',
      'COPY . /',
      'RUN --mount=type=ssh,id=git ssh-add -T /key.pub && ssh-add -l && ! ssh-add -D',
    );
    const built = await cais('build', '-q', '--ssh', 'git=key', '-t', 'lent', 'context');
    expect(built).toMatchObject({ exitCode: 0 });
    const unused = await cais('build', '--ssh', 'git=key.pub', 'context');
    expect(unused.exitCode).toBe(1);
    expect(unused.stderr).toContain('key.pub is a public key');
  });

  test('a context from stdin and a Dockerfile from elsewhere', async () => {
    write('context/file', 'x');
    const other = write('other/Dockerfile', 'FROM busybox', 'COPY . /c', 'RUN ls -A /c > /list');
    expect((await cais('build', '-t', 'elsewhere:1', '-f', other, 'context')).exitCode).toBe(0);
    expect((await cais('run', '--rm', '--network', 'none', 'elsewhere:1', 'cat', '/list')).stdout).toBe(
      'file\n',
    );
  });
});

describe('--output', () => {
  test('a directory of exactly the files of the image', async () => {
    write(
      'Dockerfile',
      'FROM busybox AS made',
      'RUN mkdir /o && echo x > /o/a && chmod 600 /o/a && ln -s a /o/l',
      'FROM scratch',
      'COPY --from=made /o /',
    );
    expect((await cais('build', '-o', 'out', '.')).exitCode).toBe(0);
    expect(readdirSync(join(directory, 'out')).toSorted()).toEqual(['a', 'l']);
    expect(statSync(join(directory, 'out/a')).mode & 0o777).toBe(0o600);
    expect(readlinkSync(join(directory, 'out/l'))).toBe('a');
    expect(await containers()).toBe(0);
  });

  test('an archive that load takes back', async () => {
    write('Dockerfile', 'FROM busybox', 'ENV A=1');
    expect((await cais('build', '-t', 'packed:1', '-o', 'type=oci,dest=image.tar', '.')).exitCode).toBe(0);
    await cais('rmi', 'packed:1');
    expect((await cais('load', '-i', 'image.tar')).stdout).toContain('Loaded image: packed:1\n');
    expect(existsSync(join(directory, 'image.tar'))).toBe(true);
  });
});

describe('at a terminal', () => {
  test('--debug is a shell in the step that failed; nothing is left of it', async () => {
    write('Dockerfile', 'FROM busybox', 'WORKDIR /work', 'ENV LESSON=one', 'RUN echo half > made; false');
    await using terminal = new Terminal([process.execPath, program, 'build', '--debug', directory], {
      env: variables(),
    });
    await terminal.waitFor('without what RUN --mount mounted');
    await terminal.waitFor('/work # ');
    terminal.type('echo $LESSON $(cat made)\r');
    await terminal.waitFor('one half\n');
    terminal.type('exit\r');
    expect(await terminal.exited()).toBe(1);
    expect(await containers()).toBe(0);
  });

  test('ctrl-c ends the step, too', async () => {
    write('Dockerfile', 'FROM busybox', 'RUN echo begun; sleep 1000');
    await using terminal = new Terminal([process.execPath, program, 'build', directory], {
      env: variables(),
    });
    await terminal.waitFor('begun');
    terminal.signal('SIGINT');
    await terminal.waitFor('Canceled: context canceled');
    expect(await terminal.exited()).toBe(130);
    const deadline = Date.now() + 60_000;
    while ((await containers()) > 0 && Date.now() < deadline) await Bun.sleep(50);
    expect(await containers()).toBe(0);
  });
});
