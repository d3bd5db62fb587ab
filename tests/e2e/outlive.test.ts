/** Containers outlive the engine: what happens while it is away is written, recorded with its time, and taken up again. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { ContainerInspectResponse } from '../../src/engine-api/types.ts';
import { RunningEngine, unframe } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function inspect(id: string): Promise<ContainerInspectResponse> {
  return (await engine.call('GET', `/containers/${id}/json`)).body as unknown as ContainerInspectResponse;
}

async function logs(id: string): Promise<string> {
  const response = await engine.fetch('GET', `/containers/${id}/logs?stdout=1&stderr=1`);
  return unframe(Buffer.from(await response.arrayBuffer())).stdout;
}

async function away(milliseconds: number): Promise<void> {
  await engine.close();
  await Bun.sleep(milliseconds);
  await engine.open();
}

describe('while the engine is away', () => {
  test('logs are written, and attach and exec work afterwards', async () => {
    const id = await engine.run(['sh', '-c', 'sleep 0.3; echo meanwhile; read x; echo got-$x'], {
      OpenStdin: true,
    });
    await away(800);
    expect(await logs(id)).toBe('meanwhile\n');
    const created = await engine.call('POST', `/containers/${id}/exec`, {
      Cmd: ['echo', 'hello'],
      AttachStdout: true,
    });
    const exec = await engine.hijack(`/exec/${created.body.Id}/start`, '{"Detach":false,"Tty":false}');
    expect(unframe(await exec.rest()).stdout).toBe('hello\n');
    const stream = await engine.hijack(`/containers/${id}/attach?stream=1&stdin=1&stdout=1`);
    stream.write('it\n');
    await stream.expect('got-it');
    expect(await engine.wait(id)).toBe(0);
  });

  test('an exit is recorded with its code and the time when it was', async () => {
    const id = await engine.run(['sh', '-c', 'sleep 0.4; exit 7']);
    const { State: before } = await inspect(id);
    await away(1800);
    const { State: state } = await inspect(id);
    expect(state).toMatchObject({ Status: 'exited', ExitCode: 7, OOMKilled: false });
    const ran = Date.parse(state?.FinishedAt ?? '') - Date.parse(before?.StartedAt ?? '');
    expect(ran).toBeGreaterThan(300);
    expect(ran).toBeLessThan(1500);
  });

  test('restart policies resume; what its user has stopped stays so, but for always', async () => {
    const again = { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 } };
    const failing = await engine.run(['sh', '-c', 'sleep 0.3; exit 1'], { HostConfig: again });
    const stopped = await engine.run(['sleep', '60'], {
      HostConfig: { RestartPolicy: { Name: 'unless-stopped' } },
    });
    const always = await engine.run(['sleep', '60'], { HostConfig: { RestartPolicy: { Name: 'always' } } });
    for (const id of [stopped, always]) await engine.call('POST', `/containers/${id}/stop?t=0`);
    await away(600);
    const deadline = Date.now() + 30_000;
    while (((await inspect(failing)).RestartCount ?? 0) === 0 && Date.now() < deadline) await Bun.sleep(50);
    expect((await inspect(failing)).RestartCount).toBeGreaterThan(0);
    while ((await inspect(always)).State?.Status !== 'running' && Date.now() < deadline) await Bun.sleep(50);
    expect((await inspect(always)).State?.Status).toBe('running');
    expect((await inspect(stopped)).State?.Status).toBe('exited');
    await engine.call('DELETE', `/containers/${failing}?force=1`);
  });

  test('a container that the kernel kills for its memory is known as such', async () => {
    const hungry = ['sh', '-c', 'sleep 0.4; tail /dev/zero'];
    const limits = { HostConfig: { Memory: 16 * 1024 ** 2, MemorySwap: 16 * 1024 ** 2 } };
    const id = await engine.run(hungry, limits);
    await away(2500);
    expect((await inspect(id)).State).toMatchObject({ OOMKilled: true, ExitCode: 137, Status: 'exited' });
  });
});

test('a container that the kernel kills for its memory has an event of it', async () => {
  const since = Date.now() / 1000;
  const limits = { HostConfig: { Memory: 16 * 1024 ** 2, MemorySwap: 16 * 1024 ** 2 } };
  const id = await engine.run(['tail', '/dev/zero'], limits);
  expect(await engine.wait(id)).toBe(137);
  expect((await inspect(id)).State).toMatchObject({ OOMKilled: true });
  const response = await engine.fetch('GET', `/events?since=${since}&until=${Date.now() / 1000 + 0.1}`);
  const actions = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { Action: string; Actor: { ID: string } })
    .filter(({ Actor }) => Actor.ID === id)
    .map(({ Action }) => Action);
  expect(actions).toEqual(['create', 'start', 'oom', 'die']);
});

describe('--ipc', () => {
  const command = ['sh', '-c', 'echo shared > /dev/shm/x; sleep 60'];

  test('shareable shares /dev/shm with the container that joins', async () => {
    const owner = await engine.run(command, { HostConfig: { IpcMode: 'shareable' } }, 'owner');
    const joined = await engine.run(['cat', '/dev/shm/x'], { HostConfig: { IpcMode: 'container:owner' } });
    expect(await engine.wait(joined)).toBe(0);
    expect(await logs(joined)).toBe('shared\n');
    expect((await inspect(joined)).HostConfig?.IpcMode).toBe(`container:${owner}`);
  });

  test('private does not', async () => {
    const owner = await engine.run(command);
    const joined = await engine.create(['true'], { HostConfig: { IpcMode: `container:${owner}` } });
    expect(await engine.call('POST', `/containers/${joined}/start`)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('non-shareable IPC') },
    });
  });
});

test('update changes what runs, and what is shown', async () => {
  const id = await engine.run(['sleep', '60'], { HostConfig: { Memory: 64 * 1024 ** 2 } });
  const change = {
    Memory: 32 * 1024 ** 2,
    MemorySwap: 48 * 1024 ** 2,
    CpuShares: 512,
    CpuQuota: 50_000,
    CpuPeriod: 100_000,
    CpusetCpus: '0',
    PidsLimit: 77,
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 4 },
  };
  const answer = await engine.call('POST', `/containers/${id}/update`, change);
  expect(answer).toMatchObject({ status: 200, body: { Warnings: [] } });
  expect((await inspect(id)).HostConfig).toMatchObject(change);
  const { body } = await engine.call('GET', `/containers/${id}/stats?stream=0&one-shot=1`);
  expect(body).toMatchObject({ memory_stats: { limit: change.Memory }, pids_stats: { limit: 77 } });
});

test('a process that ignores SIGTERM ends at its timeout, not later', async () => {
  const id = await engine.run(['sh', '-c', 'trap "" TERM; while :; do sleep 1; done']);
  await Bun.sleep(200);
  const start = performance.now();
  await engine.call('POST', `/containers/${id}/stop?t=1`);
  expect(performance.now() - start).toBeGreaterThan(990);
  expect(performance.now() - start).toBeLessThan(1500);
  expect(await engine.state(id)).toMatchObject({ ExitCode: 137 });
});
