/** Health checks on real containers: states, results, events, pause, stop and the engine's restart. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { ContainerInspectResponse } from '../../src/engine-api/types.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

const ms = 1e6;
/** Healthy while /ok exists. */
const check = { Test: ['CMD-SHELL', 'test -e /ok && echo fine'], Interval: 150 * ms, Retries: 2 };

async function inspect(id: string): Promise<ContainerInspectResponse> {
  return (await engine.call('GET', `/containers/${id}/json`)).body as unknown as ContainerInspectResponse;
}

async function health(id: string) {
  return (await inspect(id)).State?.Health;
}

async function until(id: string, status: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while ((await health(id))?.Status !== status && Date.now() < deadline) await Bun.sleep(30);
  expect((await health(id))?.Status).toBe(status as never);
}

async function execute(id: string, command: string): Promise<void> {
  const created = await engine.call('POST', `/containers/${id}/exec`, { Cmd: ['sh', '-c', command] });
  await engine.call('POST', `/exec/${created.body.Id}/start`, { Detach: true });
}

describe('a health check', () => {
  test('goes from starting to healthy to unhealthy and back, with an event for each', async () => {
    const since = Date.now() / 1000;
    const id = await engine.run(['sleep', '60'], { Healthcheck: check, Labels: { app: 'x' } });
    expect(await health(id)).toEqual({ Status: 'starting', FailingStreak: 0, Log: [] });
    expect(await listed('health=starting')).toContain(id);
    await until(id, 'unhealthy');
    expect((await health(id))?.FailingStreak).toBeGreaterThanOrEqual(2);
    await execute(id, 'touch /ok');
    await until(id, 'healthy');
    const now = await health(id);
    expect(now?.Log?.length).toBeLessThanOrEqual(5);
    expect(now?.Log?.at(-1)).toMatchObject({ ExitCode: 0, Output: 'fine\n' });
    expect(await statusOf(id)).toMatch(/^Up .* \(healthy\)$/);
    expect(await listed('health=healthy')).toEqual([id]);
    // Probes leave nothing to be seen.
    expect((await inspect(id)).ExecIDs).toBeNull();
    const query = `since=${since}&until=${Date.now() / 1000 + 1}&filters={"event":["health_status"]}`;
    const events = (await (await engine.fetch('GET', `/events?${query}`)).text()).trim().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { Action: string }).Action)).toEqual([
      'health_status: unhealthy',
      'health_status: healthy',
    ]);
  });

  test('is not made while the container is paused or stopped, and begins anew with the next start', async () => {
    const id = await engine.run(['sh', '-c', 'touch /ok; sleep 60'], { Healthcheck: check });
    await until(id, 'healthy');
    await engine.call('POST', `/containers/${id}/pause`);
    const paused = await health(id);
    expect(paused?.Status).toBe('unhealthy');
    await Bun.sleep(400);
    expect(await health(id)).toEqual(paused as never);
    await engine.call('POST', `/containers/${id}/unpause`);
    await until(id, 'healthy');
    await engine.call('POST', `/containers/${id}/stop?t=0`);
    expect(await health(id)).toMatchObject({ Status: 'unhealthy' });
    await engine.call('POST', `/containers/${id}/start`);
    expect(await health(id)).toMatchObject({ Status: 'starting', FailingStreak: 0 });
    await until(id, 'healthy');
  });

  test('that takes too long is killed with what it has started; its output is cut at 4 KiB', async () => {
    const slow = {
      Test: ['CMD-SHELL', 'sleep 77 & sleep 77; :'],
      Timeout: 200 * ms,
      Interval: 100 * ms,
      Retries: 1,
    };
    const id = await engine.run(['sleep', '60'], { Healthcheck: slow });
    await until(id, 'unhealthy');
    expect((await health(id))?.Log?.[0]).toMatchObject({
      ExitCode: -1,
      // The shell may see its command killed before itself, and say so.
      Output: expect.stringMatching(/^Health check exceeded timeout \(200ms\)(?:: Killed\n)?$/),
    });
    await engine.call('POST', `/containers/${id}/pause`);
    await engine.call('POST', `/containers/${id}/unpause`);
    const top = (await engine.call('GET', `/containers/${id}/top`)).body as unknown as {
      Processes: string[][];
    };
    expect(top.Processes.filter((row) => row.at(-1)?.includes('sleep 77')).length).toBeLessThanOrEqual(3);

    const loud = { Test: ['CMD', 'seq', '1', '5000'], Interval: 100 * ms };
    const other = await engine.run(['sleep', '60'], { Healthcheck: loud });
    await until(other, 'healthy');
    expect((await health(other))?.Log?.[0]?.Output).toHaveLength(4096 + '...'.length);
  });

  test('that cannot be run says why', async () => {
    const broken = { Test: ['CMD', '/not/there'], Interval: 50 * ms, Retries: 1 };
    const id = await engine.run(['sleep', '60'], { Healthcheck: broken });
    await until(id, 'unhealthy');
    const first = (await health(id))?.Log?.[0];
    expect(first?.ExitCode).toBe(-1);
    expect(first?.Output).toContain('no such file or directory');
  });

  test('goes on after the engine was away, and keeps what was known', async () => {
    const id = await engine.run(['sh', '-c', 'touch /ok; sleep 60'], { Healthcheck: check });
    await until(id, 'healthy');
    await engine.close();
    await engine.open();
    expect((await health(id))?.Status).toBe('healthy');
    await execute(id, 'rm /ok');
    await until(id, 'unhealthy');
  });

  test('NONE is no check, and a filter on health wants a state', async () => {
    const id = await engine.run(['sleep', '60'], { Healthcheck: { Test: ['NONE'] } });
    expect((await inspect(id)).State).not.toHaveProperty('Health');
    expect(await listed('health=none')).toContain(id);
    const answer = await engine.call('GET', '/containers/json?filters={"health":["fine"]}');
    expect(answer).toMatchObject({
      status: 400,
      body: { message: 'Unrecognised filter value for health: fine' },
    });
  });
});

async function listed(filter: string): Promise<string[]> {
  const [name = '', value = ''] = filter.split('=');
  const filters = encodeURIComponent(JSON.stringify({ [name]: [value] }));
  const { body } = await engine.call('GET', `/containers/json?filters=${filters}`);
  return (body as unknown as { Id: string }[]).map(({ Id }) => Id);
}

async function statusOf(id: string): Promise<string> {
  const { body } = await engine.call('GET', '/containers/json');
  return (body as unknown as { Id: string; Status: string }[]).find(({ Id }) => Id === id)?.Status ?? '';
}
