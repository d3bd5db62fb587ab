/** packaging/compose/compose.yaml as it stands, on an engine of cais: three copies over PostgreSQL and a store, behind nginx. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { run } from '../../src/lib/subprocess.ts';
import { eventually } from '../support/eventually.ts';
import { sessionOf, signUp } from '../support/hub-account.ts';
import { freePort, runClient, type RunningCais, startCais } from '../support/running-cais.ts';
import { buildTeamImages, teamOverride, teamVariables } from './support/team-images.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(300_000);

const file = join(import.meta.dir, '../../packaging/compose/compose.yaml');
const password = 'secret-password-1';
let cais: RunningCais;
let port: number;
beforeAll(async () => {
  cais = await startCais();
  await buildTeamImages(cais.clientEnv);
  port = await freePort();
});
afterAll(() => cais?.[Symbol.asyncDispose]());

async function compose(...words: readonly string[]): Promise<string> {
  const argv = [
    'docker-compose',
    '--project-name',
    'team',
    '--file',
    file,
    '--file',
    teamOverride,
    '--ansi=never',
  ];
  const env = {
    ...cais.clientEnv,
    ...teamVariables,
    HUB_PORT: String(port),
    PUBLIC_URL: hubUrl(),
    COMPOSE_HTTP_TIMEOUT: '120',
  };
  const { exitCode, stdout, stderr } = await run([...argv, ...words], { env });
  if (exitCode !== 0) expect.unreachable(`docker-compose ${words.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

async function docker(...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runClient(cais, 'docker', words);
  if (exitCode !== 0) expect.unreachable(`docker ${words.join(' ')}: ${stdout}${stderr}`);
  return stdout.trim();
}

const hubUrl = (): string => `http://127.0.0.1:${port}`;
const ready = (): Promise<void> =>
  eventually(async () => expect((await fetch(`${hubUrl()}/readyz`)).status).toBe(200), 120_000);

/** Pushes through the balancer and pulls again. */
async function there(name: string): Promise<void> {
  const image = `127.0.0.1:${port}/alice/${name}`;
  await docker('tag', 'team/nginx', image);
  const pushed = /digest: (sha256:\w+)/.exec(await docker('push', image))?.[1] ?? '';
  expect(pushed).not.toBe('');
  await docker('rmi', image);
  expect(await docker('pull', image)).toContain(`Digest: ${pushed}`);
  await docker('rmi', image);
}

test('comes up from nothing, serves while a copy is away, and goes without a trace', async () => {
  await compose('up', '--detach');
  await ready();
  await eventually(async () => {
    const states = await docker('ps', '--filter', 'name=hub', '--format', '{{.Status}}');
    expect(states.match(/\(healthy\)/g)).toHaveLength(3);
  }, 120_000);
  await signUp(hubUrl(), 'alice', password);
  await docker('login', '--username', 'alice', '--password', password, `127.0.0.1:${port}`);
  await there('app');

  // One that is told to end, and one that dies: the third serves, with what the others have taken.
  await compose('stop', 'hub1');
  await compose('kill', 'hub2');
  await there('more');
  expect(await sessionOf(hubUrl(), 'alice', password)).not.toBe('');

  await compose('down', '--volumes');
  expect(await docker('ps', '--all', '--quiet')).toBe('');
  expect(await docker('volume', 'ls', '--quiet')).toBe('');
  expect(await docker('network', 'ls', '--filter', 'type=custom', '--quiet')).toBe('');
});
