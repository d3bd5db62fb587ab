/**
 * The engine ends by kill -9 under containers with volumes and published ports, and in the middle of `run`: what runs
 * goes on and is known again, and what was half made is gone after the next start.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inventory } from '../support/leftovers.ts';
import { runClient, type RunningCais, startCais } from '../support/running-cais.ts';
import { Terminal } from '../support/terminal.ts';

setDefaultTimeout(120_000);

let cais: RunningCais;
const run = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runClient(cais, 'cais', args);
  if (exitCode !== 0) expect.unreachable(`cais ${args.join(' ')}: exit ${exitCode}: ${stderr}`);
  return stdout.trim();
};
const lines = async (...args: string[]): Promise<string[]> =>
  (await run(...args)).split('\n').filter((line) => line !== '');

beforeAll(async () => {
  cais = await startCais({ seed: true });
  await run('pull', 'busybox');
}, 300_000);
afterAll(async () => cais?.[Symbol.asyncDispose]());

const tmpfs = ['-o', 'type=tmpfs', '-o', 'device=tmpfs', '-o', 'o=size=1m'];

function isMounted(volume: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(
    ` ${cais.dataDirectory}/engine/volumes/${volume}/_data `,
  );
}

describe('kill -9 under containers with volumes and ports', () => {
  let address: string;
  const page = async (): Promise<string> => (await fetch(`http://${address}/`)).text();

  beforeAll(async () => {
    for (const name of ['served', 'ending']) await run('volume', 'create', ...tmpfs, name);
    const server = 'echo page > /m/index.html; exec httpd -f -p 80 -h /m';
    await run(
      'run',
      '-d',
      '--name',
      'web',
      '-v',
      'served:/m',
      '-p',
      '127.0.0.1::80',
      'busybox',
      'sh',
      '-c',
      server,
    );
    address = await run('port', 'web', '80');
    await until(async () => (await page().catch(() => '')) === 'page\n');
    const talker = 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done';
    await run('run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', talker);
    await run('run', '-d', '--name', 'ending', '-v', 'ending:/m', 'busybox', 'sh', '-c', 'sleep 0.5; exit 9');
    await run('run', '-d', '--name', 'shell', '-it', '-v', 'served:/m', 'busybox', 'sh');
    await cais.killHard();
  });

  test('ports stay mapped while the engine is away, and volumes mounted', async () => {
    expect(await page()).toBe('page\n');
    expect(isMounted('served')).toBe(true);
    await Bun.sleep(800);
    await cais.restart();
  });

  test('and afterwards', async () => {
    expect(await run('port', 'web', '80')).toBe(address);
    expect(await page()).toBe('page\n');
    expect(await run('exec', 'web', 'cat', '/m/index.html')).toBe('page');
  });

  test('logs went on without a gap', async () => {
    const before = await lines('logs', 'talker');
    await until(async () => (await lines('logs', 'talker')).length > before.length + 2);
    const numbers = (await lines('logs', 'talker')).map((line) => Number(line.split(' ')[1]));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(numbers.length).toBeGreaterThan(10);
  });

  test('an end in between is recorded, and its volume unmounted', async () => {
    expect(await run('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', 'ending')).toBe(
      'exited 9',
    );
    expect(isMounted('ending')).toBe(false);
  });

  test('attach works, and the volume is the same', async () => {
    await using terminal = new Terminal(['docker', 'attach', 'shell'], { env: cais.clientEnv });
    terminal.type('\r');
    await terminal.waitFor('# ');
    terminal.type('cat /m/index.html\r');
    await terminal.waitFor('page\n');
    terminal.type('\x10\x11');
    await terminal.waitFor('read escape sequence');
  });

  test('the last container takes the mount with it', async () => {
    await run('rm', '-f', 'web');
    expect(isMounted('served')).toBe(true);
    await run('rm', '-f', 'shell', 'talker', 'ending');
    expect(isMounted('served')).toBe(false);
    await run('volume', 'rm', 'served', 'ending');
  });
});

/** Points of time, spread over what a run takes and moved by chance. */
const tries = 14;

/** A port, and volumes of all kinds. */
const everything = (
  '-p 127.0.0.1::80 -v /anonymous -v named:/bin/copied --ipc shareable ' +
  '--mount type=volume,dst=/ram,src=ram,volume-opt=type=tmpfs,volume-opt=device=tmpfs ' +
  '--mount type=image,src=busybox,dst=/image,image-subpath=bin'
).split(' ');

test('kill -9 at any point of a run leaves nothing after the next start', async () => {
  // The monitors of removed containers end a moment after the answer.
  const isQuiet = async () => (await inventory(cais))['processes']?.length === 0;
  await until(isQuiet);
  const before = await inventory(cais);
  for (let attempt = 0; attempt < tries; attempt++) {
    const client = Bun.spawn(['cais', 'run', '-d', ...everything, 'busybox', 'sleep', '600'], {
      env: cais.clientEnv,
      stdout: 'ignore',
      stderr: 'ignore',
    });
    await Bun.sleep(20 + attempt * 12 + Math.random() * 12);
    await cais.killHard();
    await client.exited;
    await cais.restart();
    for (const id of await lines('ps', '-aq', '--no-trunc')) {
      const shown = await run('inspect', '--format', '{{.State.Status}} {{len .Mounts}}', id);
      expect(shown).toMatch(/^(created|running|exited) 4$/);
      await run('rm', '-f', '-v', id);
    }
    expect(isMounted('ram')).toBe(false);
    await run('volume', 'prune', '-af');
    // What is a mount is pruned by name only.
    for (const name of await lines('volume', 'ls', '-q')) await run('volume', 'rm', name);
    expect(readdirSync(join(cais.dataDirectory, 'engine/volumes'))).toEqual([]);
  }
  await cais.restart();
  await until(isQuiet);
  expect(await inventory(cais)).toEqual(before);
  expect(readdirSync(join(cais.dataDirectory, 'engine/overlay/c'))).toEqual([]);
  expect(readdirSync(join(cais.dataDirectory, 'engine/containers'))).toEqual([]);
}, 120_000);

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await isSo());) {
    if (Date.now() > deadline) expect.unreachable('it never came to be so');
    await Bun.sleep(50);
  }
}
