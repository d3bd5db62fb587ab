/** The hub's image: built by an engine of cais, and run by it. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { run } from '../../src/lib/subprocess.ts';
import { eventually } from '../support/eventually.ts';
import { sessionOf, signUp } from '../support/hub-account.ts';
import { freePort, runClient, type RunningCais, startCais } from '../support/running-cais.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const script = join(import.meta.dir, '../../packaging/image/build.sh');
let cais: RunningCais;
beforeAll(async () => {
  cais = await startCais();
});
afterAll(() => cais[Symbol.asyncDispose]());

async function client(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runClient(cais, 'cais', args);
  if (exitCode !== 0) expect.unreachable(`cais ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

test('serves as nobody in particular, is healthy, and keeps its data in a volume', async () => {
  const built = await run(['sh', script, 'hub:test'], { env: cais.clientEnv });
  expect(built.exitCode, built.stderr).toBe(0);
  const port = await freePort();
  const start = (): Promise<string> =>
    client(
      'run',
      '-d',
      '--read-only',
      '--tmpfs',
      '/tmp',
      '-v',
      'hub:/var/lib/cais',
      '-p',
      `127.0.0.1:${port}:5000`,
      'hub:test',
    );
  const url = `http://127.0.0.1:${port}`;
  const ready = async (): Promise<void> => {
    await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), 60_000);
  };

  const first = await start();
  await ready();
  await signUp(url, 'alice', 'secret-password-1');
  expect(await client('exec', first, '/usr/bin/cais', 'hub', 'ready')).toBe('ready');
  await eventually(
    async () =>
      expect(await client('inspect', '--format', '{{.State.Health.Status}}', first)).toBe('healthy'),
    60_000,
  );
  const { status } = await fetch(url);
  expect(status).toBe(200);
  // Process 1 has the user's number, as the machine sees it.
  const pid = await client('inspect', '--format', '{{.State.Pid}}', first);
  expect(await Bun.file(`/proc/${pid}/status`).text()).toMatch(/^Uid:\t10000\t10000/m);
  await client('stop', first);
  expect(await client('inspect', '--format', '{{.State.ExitCode}}', first)).toBe('0');

  const second = await start();
  await ready();
  expect(await sessionOf(url, 'alice', 'secret-password-1')).not.toBe('');
  await client('rm', '-f', first, second);
  await client('volume', 'rm', 'hub');
});
