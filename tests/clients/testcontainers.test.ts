/**
 * testcontainers for Node. Its helper Ryuk removes what a crashed test leaves; its image cannot be had without a network,
 * so it is switched off here.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { GenericContainer, Network, Wait } from 'testcontainers';
import { RunningEngine } from '../support/running-engine.ts';

let engine: RunningEngine;
const before = { ...process.env };

beforeAll(async () => {
  engine = await RunningEngine.start();
  process.env['DOCKER_HOST'] = `unix://${engine.socketPath}`;
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  for (const name of ['DOCKER_HOST', 'TESTCONTAINERS_RYUK_DISABLED']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

/** It listens before it says so. */
const serve = 'mkdir -p /w; echo page > /w/index.html; httpd -p 80 -h /w; echo ready; exec sleep 600';

test('waits for a line of the log, maps a port and runs commands', async () => {
  await using container = await new GenericContainer('busybox')
    .withCommand(['sh', '-c', serve])
    .withExposedPorts(80)
    .withEnvironment({ X: '1' })
    .withLabels({ of: 'testcontainers' })
    .withWaitStrategy(Wait.forLogMessage('ready'))
    .start();
  const address = `http://${container.getHost()}:${container.getMappedPort(80)}/`;
  expect(await (await fetch(address)).text()).toBe('page\n');
  const { exitCode, output } = await container.exec(['sh', '-c', 'echo $X; exit 3']);
  expect([exitCode, output]).toEqual([3, '1\n']);
});

test('waits for a port, for HTTP, and for a health check', async () => {
  const start = (strategy: ReturnType<typeof Wait.forListeningPorts>) =>
    new GenericContainer('busybox')
      .withCommand(['sh', '-c', serve])
      .withExposedPorts(80)
      .withHealthCheck({ test: ['CMD', 'true'], interval: 500, retries: 1 })
      .withWaitStrategy(strategy)
      .start();
  for (const strategy of [Wait.forListeningPorts(), Wait.forHttp('/', 80), Wait.forHealthCheck()]) {
    await using container = await start(strategy);
    expect(container.getMappedPort(80)).toBeGreaterThan(0);
  }
});

test('follows the log, restarts and stops', async () => {
  await using container = await new GenericContainer('busybox')
    .withCommand(['sh', '-c', 'echo started; exec sleep 60'])
    .withWaitStrategy(Wait.forLogMessage('started'))
    .start();
  const stream = await container.logs();
  const first = await new Promise<string>((resolve) => {
    stream.once('data', (chunk: Buffer | string) => resolve(String(chunk)));
  });
  expect(first).toContain('started');
  stream.destroy();
  await container.restart({ timeout: 0 });
});

test('puts containers on a network under their names, copies files in and out', async () => {
  await using network = await new Network().start();
  await using server = await new GenericContainer('busybox')
    .withCommand(['sh', '-c', 'cat /w/index.html; httpd -p 80 -h /w; echo ready; exec sleep 600'])
    .withCopyContentToContainer([{ content: 'copied\n', target: '/w/index.html', mode: 0o644 }])
    .withNetwork(network)
    .withNetworkAliases('pages')
    .withWaitStrategy(Wait.forLogMessage('ready'))
    .start();
  await using client = await new GenericContainer('busybox')
    .withCommand(['sleep', '60'])
    .withNetwork(network)
    .start();
  expect((await client.exec(['wget', '-qO-', 'http://pages/'])).output).toBe('copied\n');
  await server.copyContentToContainer([{ content: 'later\n', target: '/w/later.html' }]);
  expect((await client.exec(['wget', '-qO-', 'http://pages/later.html'])).output).toBe('later\n');
  const archive = await buffer(await server.copyArchiveFromContainer('/w/later.html'));
  expect(archive.toString('latin1')).toContain('later\n');
});

test('makes an image of a container', async () => {
  await using container = await new GenericContainer('busybox').withCommand(['sleep', '60']).start();
  await container.exec(['touch', '/made']);
  const image = await container.commit({ repo: 'of-testcontainers', tag: '1' });
  await using second = await new GenericContainer(image).withCommand(['sleep', '60']).start();
  expect((await second.exec(['ls', '/made'])).output).toBe('/made\n');
});

test('builds an image from a Dockerfile, with arguments and a target, and leaves files out', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cais-testcontainers-'));
  try {
    const lines = [
      'FROM busybox AS app',
      'ARG WORD',
      'COPY . /w',
      'RUN echo "$WORD" > /w/word',
      'FROM app',
      'RUN false',
    ];
    writeFileSync(join(directory, 'Dockerfile'), lines.join('\n'));
    writeFileSync(join(directory, '.dockerignore'), 'secret\n');
    writeFileSync(join(directory, 'secret'), 'x');
    writeFileSync(join(directory, 'kept'), 'kept\n');
    const image = await GenericContainer.fromDockerfile(directory)
      .withBuildArgs({ WORD: 'given' })
      .withTarget('app')
      .build('localhost/testcontainers:built', { deleteOnExit: false });
    await using container = await image.withCommand(['sleep', '60']).start();
    const { output } = await container.exec(['sh', '-c', 'ls /w; cat /w/word']);
    expect(output).toBe('Dockerfile\nkept\nword\ngiven\n');
    const failing = GenericContainer.fromDockerfile(directory).build('localhost/none:1', {
      deleteOnExit: false,
    });
    await expect(failing).rejects.toThrow('Failed to build image');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
