/** The engine and hub end by kill -9 in the middle of things; after the next start nothing is lost and nothing is left. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startHubProxy, throttled } from '../support/hub-proxy.ts';
import { inventory } from '../support/leftovers.ts';
import { runClient, type RunningCais, startCais } from '../support/running-cais.ts';
import { Terminal } from '../support/terminal.ts';
import { eventually } from '../support/eventually.ts';

let cais: RunningCais;
const run = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runClient(cais, 'cais', args);
  if (exitCode !== 0) expect.unreachable(`cais ${args.join(' ')}: exit ${exitCode}: ${stderr}`);
  return stdout.trim();
};

beforeAll(async () => {
  cais = await startCais({ seed: true });
  await run('pull', 'busybox');
}, 300_000);
afterAll(async () => cais?.[Symbol.asyncDispose]());

describe('after kill -9 while one container runs and another image is being pulled', () => {
  let shell: string;
  let short: string;

  beforeAll(async () => {
    shell = await run('run', '-dit', '--name', 'shell', 'busybox', 'sh');
    short = await run('run', '-d', '--name', 'short', 'busybox', 'sh', '-c', 'sleep 2; exit 7');
    await using proxy = startHubProxy(cais.hubUrl, (request, body) =>
      request.url.includes('/blobs/') ? throttled(body, 5_000_000) : body,
    );
    const pull = Bun.spawn(['docker', 'pull', `${proxy.host}/library/debian`], {
      env: cais.clientEnv,
      stdout: 'ignore',
      stderr: 'ignore',
    });
    while (proxy.bytes < 3_000_000) await Bun.sleep(20);
    await cais.killHard();
    await pull.exited;
    await Bun.sleep(2500);
    await cais.restart();
  }, 300_000);

  test('the container still runs', async () => {
    expect(await run('ps', '--format', '{{.Names}} {{.State}}')).toBe('shell running');
    expect(await run('exec', 'shell', 'echo', 'hello')).toBe('hello');
  });

  test('it can be attached to, and it is the same shell', async () => {
    await using terminal = new Terminal(['docker', 'attach', shell], { env: cais.clientEnv });
    terminal.type('\r');
    await terminal.waitFor('# ');
    terminal.type('echo pid $$\r');
    await terminal.waitFor('pid 1\n');
    terminal.type('\x10\x11');
    await terminal.waitFor('read escape sequence');
  });

  test('what ended meanwhile has its exit code', async () => {
    expect(await run('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', short)).toBe('exited 7');
    expect(await run('wait', short)).toBe('7');
  });

  test('the image that was being pulled is not listed', async () => {
    expect(await run('images', '--format', '{{.Repository}}')).toBe('busybox');
  });

  test('of its layers nothing is unpacked', async () => {
    const layers = await readdir(join(cais.dataDirectory, 'engine', 'overlay', 'l'));
    expect(layers).toHaveLength(1);
    expect(await readdir(join(cais.dataDirectory, 'engine', 'overlay', 't'))).toEqual([]);
  });

  test('the pull can be repeated, and the image runs', async () => {
    await run('pull', 'debian');
    expect(await run('run', '--rm', 'debian', 'cat', '/etc/debian_version')).toMatch(/^1\d/);
  }, 300_000);

  test('stopping the container works as if nothing had been', async () => {
    await run('kill', 'shell');
    expect(await run('wait', 'shell')).toBe('137');
    await run('rm', 'shell', 'short');
    expect(await run('ps', '-aq')).toBe('');
  });
});

describe('kill -9 in the middle of a commit', () => {
  test('lets the container go on, keeps nothing of the commit, and the container can be ended', async () => {
    const script = 'dd if=/dev/urandom of=/data bs=1M count=300 2>/dev/null; touch /written; exec sleep 600';
    const id = await run('run', '-d', 'busybox', 'sh', '-c', script);
    while ((await runClient(cais, 'cais', ['exec', id, 'test', '-e', '/written'])).exitCode !== 0)
      await Bun.sleep(50);
    const commit = Bun.spawn(['docker', 'commit', id, 'half:1'], {
      env: cais.clientEnv,
      stdout: 'ignore',
      stderr: 'ignore',
    });
    await Bun.sleep(200);
    await cais.killHard();
    await commit.exited;
    await cais.restart();
    expect(await run('exec', id, 'echo', 'goes on')).toBe('goes on');
    expect(await run('images', '-q', 'half')).toBe('');
    expect(await readdir(join(cais.dataDirectory, 'engine', 'content', 'ingest'))).toEqual([]);
    await run('stop', '-t', '1', id);
    await run('rm', id);
  }, 300_000);

  test('and two commits at once are of one moment each', async () => {
    const script =
      'dd if=/dev/zero of=/ballast bs=1M count=100 2>/dev/null; i=0; while true; do i=$((i+1)); echo $i > /t; mv /t /a; echo $i > /t; mv /t /zz; done';
    const id = await run('run', '-d', 'busybox', 'sh', '-c', script);
    while ((await runClient(cais, 'cais', ['exec', id, 'test', '-e', '/zz'])).exitCode !== 0)
      await Bun.sleep(50);
    const both = await Promise.all(
      ['1', '2'].map((tag) => runClient(cais, 'cais', ['commit', id, `moment:${tag}`])),
    );
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    await run('rm', '-f', id);
    for (const tag of ['1', '2']) {
      const [first = 0, last = 0] = (await run('run', '--rm', `moment:${tag}`, 'cat', '/a', '/zz'))
        .split('\n')
        .map(Number);
      expect(first - last).toBeGreaterThanOrEqual(0);
      expect(first - last).toBeLessThanOrEqual(1);
    }
    await run('rmi', 'moment:1', 'moment:2');
  }, 300_000);
});

describe('kill -9 at any moment of run --rm', () => {
  test('leaves nothing mounted, running or listed half-done', async () => {
    await run('run', '--rm', 'busybox', 'true');
    await cais.restart();
    await run('run', '--rm', 'busybox', 'true');
    await Bun.sleep(1000);
    const before = await inventory(cais);
    for (let delay = 0; delay < 120; delay += 12) {
      const client = Bun.spawn(['docker', 'run', '--rm', 'busybox', 'true'], {
        env: cais.clientEnv,
        stdout: 'ignore',
        stderr: 'ignore',
      });
      await Bun.sleep(delay);
      await cais.killHard();
      await client.exited;
      await cais.restart();
      await Bun.sleep(300);
      const left = (await run('ps', '-aq', '--filter', 'status=created')).split('\n').filter(Boolean);
      if (left.length > 0) await run('rm', ...left);
      expect(await run('ps', '-aq')).toBe('');
    }
    await eventually(async () => expect(await inventory(cais)).toEqual(before));
  }, 120_000);
});

describe('kill -9 at any moment of a load', () => {
  const content = (): string => join(cais.dataDirectory, 'engine', 'content');
  const filesOf = async (): Promise<string[]> => {
    const all = await readdir(content(), { recursive: true, withFileTypes: true });
    return all.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).toSorted();
  };

  test('leaves neither bytes nor an image, or the whole of it', async () => {
    const archive = join(cais.dataDirectory, 'load.tar');
    await run('run', '--name', 'big', 'busybox', 'dd', 'if=/dev/urandom', 'of=/big', 'bs=1M', 'count=60');
    await run('commit', 'big', 'big:1');
    await run('save', '-o', archive, 'big:1');
    const saved = await Bun.file(archive).bytes();
    await run('rm', 'big');
    await run('rmi', 'big:1');
    const before = await filesOf();
    // The first three are in the middle of the archive, the others behind it: unpacking, and maybe done.
    for (const step of [0.1, 0.5, 0.9, 1, 1, 1]) {
      const client = Bun.spawn(['docker', 'load'], {
        env: cais.clientEnv,
        stdin: 'pipe',
        stdout: 'ignore',
        stderr: 'ignore',
      });
      await client.stdin.write(saved.subarray(0, saved.length * step));
      await client.stdin.flush();
      if (step === 1) void client.stdin.end();
      await until(async () => (await filesOf()).length > before.length);
      await Bun.sleep(step === 1 ? 40 * Math.random() : 0);
      await cais.killHard();
      client.kill('SIGKILL');
      await client.exited;
      await cais.restart();
      if ((await run('images', '-q', 'big:1')) !== '') await run('rmi', 'big:1');
      expect(await filesOf()).toEqual(before);
    }
    await run('load', '-i', archive);
    expect(await run('run', '--rm', 'big:1', 'stat', '-c', '%s', '/big')).toBe(String(60 * 1024 * 1024));
    await run('rmi', 'big:1');
  }, 120_000);
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await Bun.sleep(5);
}
