import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSelf } from '../../src/hub/testing/test-self.ts';
import { eventually } from '../support/eventually.ts';

let directory: string;
let server: Bun.Subprocess<'ignore', 'pipe', Bun.BunFile>;

function settings(contents: object): void {
  writeFileSync(join(directory, 'engine.json'), JSON.stringify(contents));
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`http://engine${path}`, { unix: join(directory, 'engine.sock') });
  return (await response.json()) as T;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cais-serve-'));
  settings({
    'data-root': join(directory, 'data'),
    'exec-root': join(directory, 'run'),
    hosts: [`unix://${directory}/engine.sock`],
    labels: ['from=file'],
    'log-driver': 'local',
  });
  server = Bun.spawn([...testSelf, 'engine', 'serve', '--config-file', join(directory, 'engine.json')], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: Bun.file(join(directory, 'log')),
  });
  // It says where it is once it listens.
  await server.stdout.getReader().read();
});
afterAll(async () => {
  server.kill('SIGTERM');
  expect(await server.exited).toBe(0);
  rmSync(directory, { recursive: true });
});

test('the engine is as its settings file says', async () => {
  expect(await get('/info')).toMatchObject({
    DockerRootDir: join(directory, 'data'),
    Labels: ['from=file'],
    LoggingDriver: 'local',
  });
});

test('SIGHUP reads it again, and a bad one leaves everything as it is', async () => {
  const since = Date.now() / 1000;
  settings({ labels: ['from=reload'], 'insecure-registries': ['lan:5000'], nonsense: 1 });
  server.kill('SIGHUP');
  await Bun.sleep(300);
  expect(await get('/info')).toMatchObject({ Labels: ['from=file'] });
  settings({ labels: ['from=reload'], 'insecure-registries': ['lan:5000'] });
  server.kill('SIGHUP');
  await eventually(async () =>
    expect(await get('/info')).toMatchObject({
      Labels: ['from=reload'],
      RegistryConfig: { IndexConfigs: { 'lan:5000': { Secure: false } } },
    }),
  );
  expect(await get(`/events?since=${since}&until=${Date.now() / 1000}`)).toMatchObject({
    Type: 'daemon',
    Action: 'reload',
    Actor: { Attributes: { labels: '["from=reload"]' } },
  });
});
