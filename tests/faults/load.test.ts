/** Many containers at once and in a row, many clients of which half do not read: nothing leaks, nothing blocks the others. Runs as root. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
  // The first ones of their kind leave what stays: a bridge, tables, pools of threads.
  await roundTrip();
  await Promise.all(Array.from({ length: 8 }, roundTrip));
  // The client in this process keeps its connections for the next question.
  await Promise.all(Array.from({ length: 120 }, () => engine.call('GET', '/containers/json')));
});
afterAll(() => engine[Symbol.asyncDispose]());

interface Held {
  readonly descriptors: number;
  readonly mounts: number;
  readonly processes: number;
  readonly namespaces: number;
}

/** What the engine, which is this process, and its containers hold now. */
function held(): Held {
  const run = engine.config.runDirectory;
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const ours = processes.filter((pid) => read(`/proc/${pid}/cmdline`).includes(run));
  const namespaces = new Set(processes.map((pid) => link(`/proc/${pid}/ns/mnt`)));
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length,
    processes: ours.length,
    namespaces: namespaces.size,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** As before, once what ends in the background has ended; others on this machine come and go. */
async function expectNoMoreThan(before: Held): Promise<void> {
  const deadline = Date.now() + 10_000;
  const isMore = () => {
    const now = held();
    return (
      now.descriptors > before.descriptors + 4 ||
      now.mounts > before.mounts + 2 ||
      now.processes > before.processes ||
      now.namespaces > before.namespaces + 4
    );
  };
  while (isMore() && Date.now() < deadline) await Bun.sleep(200);
  if (isMore()) expect(held()).toEqual(before);
}

const limits = { HostConfig: { NetworkMode: 'bridge' } };

async function roundTrip(): Promise<void> {
  const id = await engine.run(['true'], limits);
  await engine.wait(id);
  await engine.call('DELETE', `/containers/${id}?force=1`);
}

test('100 containers started at once run, and leave nothing', async () => {
  const before = held();
  const ids = await Promise.all(Array.from({ length: 100 }, () => engine.run(['sleep', '300'], limits)));
  const { body } = await engine.call('GET', '/containers/json');
  expect((body as unknown as unknown[]).length).toBe(100);
  const addresses = await Promise.all(
    ids.map(async (id) => {
      const answer = await engine.call('GET', `/containers/${id}/json`);
      return (answer.body as unknown as { NetworkSettings: { Networks: { bridge: { IPAddress: string } } } })
        .NetworkSettings.Networks.bridge.IPAddress;
    }),
  );
  expect(new Set(addresses).size).toBe(100);
  await Promise.all(ids.map((id) => engine.call('DELETE', `/containers/${id}?force=1`)));
  await expectNoMoreThan(before);
});

test('150 started and removed in a row leave nothing, nor does memory grow', async () => {
  const before = held();
  Bun.gc(true);
  const memory = process.memoryUsage().rss;
  for (let count = 0; count < 150; count++) await roundTrip();
  await expectNoMoreThan(before);
  Bun.gc(true);
  expect(process.memoryUsage().rss - memory).toBeLessThan(60 * 1024 ** 2);
});

test('50 attached streams of which half stall: the others get all, and nothing stays', async () => {
  const before = held();
  const chatter = ['sh', '-c', 'read x; seq 1 300000; echo done'];
  const id = await engine.run(chatter, { OpenStdin: true });
  const path = `/containers/${id}/attach?stream=1&stdout=1`;
  const streams = await Promise.all(Array.from({ length: 50 }, () => engine.hijack(path)));
  const [stalled, reading] = [streams.slice(0, 25), streams.slice(25)];
  for (const { socket } of stalled) socket.pause();
  let received = 0;
  const ends = reading.map(async ({ socket }) => {
    socket.on('data', (chunk: Buffer) => (received += chunk.length));
    await new Promise((resolve) => socket.on('end', resolve));
  });
  const starter = await engine.hijack(`/containers/${id}/attach?stream=1&stdin=1`);
  starter.write('\n');
  // Another container lives its life meanwhile.
  await roundTrip();
  await Promise.all(ends);
  expect(received).toBeGreaterThan(25 * 1_900_000);
  expect(await engine.wait(id)).toBe(0);
  for (const { socket } of [...streams, starter]) socket.destroy();
  await engine.call('DELETE', `/containers/${id}?force=1`);
  await expectNoMoreThan(before);
});
