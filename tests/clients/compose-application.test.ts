/** Debian's docker-compose 1.29 with an application of three services: networks, a volume, a health check that others wait for, scale, logs, exec, down. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/lib/subprocess.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

const application = `
version: "2.4"
services:
  database:
    image: busybox
    command: sh -c "sleep 1; touch /data/ready; sleep 600"
    volumes: ["store:/data"]
    networks: [inside]
    healthcheck: { test: ["CMD", "test", "-e", "/data/ready"], interval: 1s, retries: 10 }
  queue:
    image: busybox
    command: sleep 600
    networks: [inside]
    depends_on: { database: { condition: service_healthy } }
  web:
    image: busybox
    command: sh -c "ping -c1 -W2 database && ping -c1 -W2 queue && echo all reached; sleep 600"
    networks: [inside, outside]
    depends_on: { database: { condition: service_healthy }, queue: { condition: service_started } }
networks: { inside: { internal: true }, outside: {} }
volumes: { store: {} }
`;

let engine: RunningEngine;
let directory: string;
beforeAll(async () => {
  engine = await RunningEngine.start();
  directory = await mkdtemp(join(tmpdir(), 'cais-compose-'));
  await Bun.write(join(directory, 'docker-compose.yml'), application);
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await engine[Symbol.asyncDispose]();
});

async function compose(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(
    ['docker-compose', '-p', 'app', '-f', join(directory, 'docker-compose.yml'), '--no-ansi', ...args],
    { env: { ...process.env, DOCKER_HOST: `unix://${engine.socketPath}`, COMPOSE_HTTP_TIMEOUT: '60' } },
  );
  expect({ args, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ args, exitCode: 0, stderr: '' });
  return stdout;
}

async function names(path: string): Promise<string[]> {
  const { body } = await engine.call('GET', path);
  return (body as unknown as { Name: string }[]).map(({ Name }) => Name);
}

test('comes up in order, talks by name, scales, and goes without a trace', async () => {
  await compose('up', '-d');
  const listed = await compose('ps');
  expect(listed).toMatch(/app_database_1 .*Up \(healthy\)/);
  expect(listed.match(/^app_/gm)).toHaveLength(3);
  while (!(await compose('logs', 'web')).includes('all reached')) await Bun.sleep(200);
  expect(await names('/networks')).toEqual(expect.arrayContaining(['app_inside', 'app_outside']));
  await compose('up', '-d', '--scale', 'queue=3');
  expect((await compose('ps', '-q', 'queue')).trim().split('\n')).toHaveLength(3);
  expect(await compose('exec', '-T', 'database', 'ping', '-c', '1', '-W', '2', 'app_queue_3')).toContain(
    ' 0% packet loss',
  );
  // Nothing has changed: nothing is made anew.
  const before = await compose('ps', '-q');
  await compose('up', '-d', '--scale', 'queue=3');
  expect(await compose('ps', '-q')).toBe(before);
  await compose('down', '-v', '-t', '0');
  expect(await names('/networks')).toEqual(['bridge', 'host', 'none']);
  expect((await engine.call('GET', '/containers/json?all=1')).body).toEqual([] as never);
  expect((await engine.call('GET', '/volumes')).body.Volumes).toEqual([]);
});
