import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { freePort } from '../../../tests/support/running-cais.ts';
import { RunningEngine } from '../../../tests/support/running-engine.ts';
import { Metrics } from '../../hub/testing/metrics-reader.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let engine: RunningEngine;
let url: string;

async function read(): Promise<Metrics> {
  return new Metrics(await (await fetch(`${url}/metrics`)).text());
}

beforeAll(async () => {
  const address = `127.0.0.1:${await freePort()}`;
  url = `http://${address}`;
  engine = await RunningEngine.start({ metricsAddr: address });
});
afterAll(() => engine[Symbol.asyncDispose]());

describe("an engine's metrics", () => {
  test("know docker's facts of the engine by docker's names", async () => {
    const metrics = await read();
    expect(metrics.value('engine_daemon_engine_info', { version: 'test', graphdriver: 'overlay2' })).toBe(1);
    expect(metrics.value('engine_daemon_engine_cpus_cpus')).toBeGreaterThan(0);
    expect(metrics.value('engine_daemon_engine_memory_bytes')).toBeGreaterThan(1e8);
    expect(metrics.value('cais_engine_build_info', { version: 'test' })).toBe(1);
    expect(metrics.value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  test('count containers by state', async () => {
    const states = async (): Promise<readonly number[]> => {
      const metrics = await read();
      return ['running', 'paused', 'stopped'].map((state) =>
        metrics.value('engine_daemon_container_states_containers', { state }),
      );
    };
    expect(await states()).toEqual([0, 0, 0]);
    const id = await engine.create(['sleep', '1000']);
    expect(await states()).toEqual([0, 0, 1]);
    await engine.call('POST', `/containers/${id}/start`);
    expect(await states()).toEqual([1, 0, 0]);
    await engine.call('POST', `/containers/${id}/pause`);
    expect(await states()).toEqual([0, 1, 0]);
    await engine.call('DELETE', `/containers/${id}?force=1`);
    expect(await states()).toEqual([0, 0, 0]);
  });

  test('time what is done to containers, and count what fails', async () => {
    const before = await read();
    const id = await engine.run(['true']);
    await engine.wait(id);
    await engine.call('GET', `/containers/${id}/changes`);
    await engine.call('POST', `/commit?container=${id}&repo=made`);
    await engine.call('DELETE', `/containers/${id}`);
    await engine.call('DELETE', `/containers/${id}`);
    await engine.call('DELETE', '/images/made');
    const after = await read();
    const grown = (name: string, labels: Record<string, string>): number =>
      after.value(name, labels) - before.value(name, labels);
    for (const action of ['create', 'start', 'changes', 'commit', 'delete']) {
      expect(grown('engine_daemon_container_actions_seconds_count', { action })).toBe(1);
      expect(grown('engine_daemon_container_actions_seconds_sum', { action })).toBeGreaterThan(0);
    }
    expect(grown('engine_daemon_image_actions_seconds_count', { action: 'delete' })).toBe(1);
    expect(grown('cais_engine_failed_actions_total', { object: 'container', action: 'delete' })).toBe(1);
    expect(grown('engine_daemon_events_total', {})).toBeGreaterThan(5);
  });

  test('count pulls that fail after their answer has begun', async () => {
    const failed = { object: 'image', action: 'pull' };
    const before = (await read()).value('cais_engine_failed_actions_total', failed);
    await (await engine.fetch('POST', '/images/create?fromImage=127.0.0.1:1/none&tag=1')).text();
    expect((await read()).value('cais_engine_failed_actions_total', failed)).toBe(before + 1);
  });

  test('count health checks, and those that did not end with 0', async () => {
    const before = await read();
    const Healthcheck = { Test: ['CMD', 'false'], Interval: 1e8, Retries: 1 };
    const id = await engine.run(['sleep', '1000'], { Healthcheck });
    await eventually(async () => {
      const now = await read();
      for (const name of ['engine_daemon_health_checks_total', 'engine_daemon_health_checks_failed_total'])
        expect(now.value(name)).toBeGreaterThan(before.value(name));
    });
    await engine.call('DELETE', `/containers/${id}?force=1`);
  });

  test('tell layers, images and the room on the disk', async () => {
    const metrics = await read();
    expect(metrics.value('cais_engine_images')).toBe(1);
    expect(metrics.value('cais_engine_layers')).toBe(1);
    expect(metrics.value('cais_engine_layers_bytes')).toBeGreaterThan(1000);
    const [size, free] = ['size', 'free'].map((part) => metrics.value('cais_engine_disk_bytes', { part }));
    expect(free).toBeGreaterThan(0);
    expect(size).toBeGreaterThanOrEqual(free ?? 0);
  });

  test('count builds, and why some gave no image', async () => {
    const build = async (dockerfile: string): Promise<void> => {
      const answer = await fetch('http://engine/build', {
        unix: engine.socketPath,
        method: 'POST',
        headers: { 'Content-Type': 'application/x-tar' },
        body: await new Bun.Archive({ Dockerfile: dockerfile }).bytes(),
      });
      await answer.text();
    };
    const before = await read();
    await build('FROM scratch\nCOPY Dockerfile /');
    await build('FROM busybox\nRUN false');
    await build('FROM busybox\nWORD x');
    const after = await read();
    const grown = (name: string, labels: Record<string, string> = {}): number =>
      after.value(name, labels) - before.value(name, labels);
    expect(grown('builder_builds_triggered_total')).toBe(3);
    expect(grown('cais_engine_build_seconds_count')).toBe(1);
    expect(grown('builder_builds_failed_total', { reason: 'error_processing_commands_error' })).toBe(1);
    expect(grown('builder_builds_failed_total', { reason: 'dockerfile_syntax_error' })).toBe(1);
  });

  test('are read, and nothing else is done there', async () => {
    expect((await fetch(`${url}/containers/json`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });
});

test('a port that is taken stops the start, and is named', async () => {
  using taken = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
  const metricsAddr = `127.0.0.1:${taken.port}`;
  await expect(RunningEngine.start({ metricsAddr })).rejects.toThrow(
    `cannot serve metrics at ${metricsAddr}`,
  );
});
