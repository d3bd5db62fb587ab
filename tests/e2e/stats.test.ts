/** What containers use, from real cgroups. Runs as root. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { ContainerStatsResponse } from '../../src/engine-api/types.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function stats(id: string, query: string): Promise<ContainerStatsResponse> {
  return (await engine.call('GET', `/containers/${id}/stats?${query}`)).body as ContainerStatsResponse;
}

test('one sample is compared to the one a second before', async () => {
  const id = await engine.run(['sh', '-c', 'while :; do :; done'], {
    HostConfig: { NetworkMode: 'bridge', Memory: 64 * 1024 ** 2, PidsLimit: 50 },
  });
  const sample = await stats(id, 'stream=0');
  const { cpu_stats: now, precpu_stats: before } = sample;
  const used = (now?.cpu_usage?.total_usage ?? 0) - (before?.cpu_usage?.total_usage ?? 0);
  const passed = (now?.system_cpu_usage ?? 0) - (before?.system_cpu_usage ?? 0);
  expect(used / passed).toBeGreaterThan(0.01);
  expect(used / passed).toBeLessThan(1.1);
  expect(now?.online_cpus).toBe(navigator.hardwareConcurrency);
  expect(Date.parse(sample.read ?? '') - Date.parse(sample.preread ?? '')).toBeGreaterThanOrEqual(900);
  expect(sample.memory_stats?.usage).toBeGreaterThan(0);
  expect(sample.memory_stats?.limit).toBe(64 * 1024 ** 2);
  expect(sample.pids_stats).toEqual({ current: 1, limit: 50 });
  expect(sample.networks?.['eth0']?.rx_bytes).toBeNumber();
  expect(Object.keys(sample.networks ?? {})).toEqual(['eth0']);
});

test('one-shot has none to compare to, and answers at once', async () => {
  const id = await engine.run(['sleep', '60'], {}, 'named');
  const start = performance.now();
  const sample = await stats(id, 'stream=0&one-shot=1');
  expect(performance.now() - start).toBeLessThan(500);
  expect(sample).toMatchObject({ id, name: '/named', preread: '0001-01-01T00:00:00Z' });
  expect(sample.precpu_stats?.cpu_usage?.total_usage).toBe(0);
  expect((await engine.call('GET', `/containers/${id}/stats?one-shot=1`)).status).toBe(400);
});

test('a stream has one each second, and ends with the container', async () => {
  const id = await engine.run(['sleep', '60']);
  const response = await engine.fetch('GET', `/containers/${id}/stats`);
  const samples: ContainerStatsResponse[] = [];
  for await (const chunk of response.body ?? []) {
    samples.push(JSON.parse(new TextDecoder().decode(chunk)) as ContainerStatsResponse);
    if (samples.length === 2) await engine.call('DELETE', `/containers/${id}?force=1`);
  }
  expect(samples).toHaveLength(2);
  expect(samples[0]?.precpu_stats?.system_cpu_usage).toBeUndefined();
  expect(samples[1]?.precpu_stats).toEqual(samples[0]?.cpu_stats);
});

test('a stopped container has zeros', async () => {
  const id = await engine.create(['true'], {}, 'still');
  expect(await stats(id, 'stream=0')).toMatchObject({
    name: '/still',
    read: '0001-01-01T00:00:00Z',
    pids_stats: {},
    memory_stats: {},
    cpu_stats: { cpu_usage: { total_usage: 0 }, throttling_data: { periods: 0 } },
  });
});
