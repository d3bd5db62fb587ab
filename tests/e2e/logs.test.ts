/** Logs on real containers: following, rotation, details, drivers. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RunningEngine, unframe } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(() => engine[Symbol.asyncDispose]());

const json = (options: Record<string, string>) => ({
  HostConfig: { LogConfig: { Type: 'json-file', Config: options } },
});

async function logs(id: string, query = ''): Promise<{ stdout: string; stderr: string }> {
  const response = await engine.fetch('GET', `/containers/${id}/logs?stdout=1&stderr=1&${query}`);
  return unframe(Buffer.from(await response.arrayBuffer()));
}

const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_each, index) => `${from + index}\n`).join('');

function filesOf(id: string): string[] {
  const directory = join(engine.config.dataDirectory, 'containers', id);
  return readdirSync(directory).filter((name) => name.startsWith('container.log'));
}

describe('a log', () => {
  test('gives its last lines, and what came since and until', async () => {
    const id = await engine.run(['sh', '-c', 'seq 1 3; echo e >&2; sleep 0.3; seq 4 6']);
    await engine.wait(id);
    expect((await logs(id)).stdout).toBe(numbers(1, 6));
    expect((await logs(id, 'tail=2')).stdout).toBe(numbers(5, 6));
    expect(await logs(id, 'tail=0')).toEqual({ stdout: '', stderr: '' });
    const stamped = (await logs(id, 'timestamps=1&tail=1')).stdout;
    const time = stamped.split(' ')[0] ?? '';
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    const middle = (Date.parse(time) - 150) / 1000;
    expect((await logs(id, `since=${middle}`)).stdout).toBe(numbers(4, 6));
    expect((await logs(id, `until=${middle}`)).stdout).toBe(numbers(1, 3));
  });

  test('is followed to the end of the process, also over rotations', async () => {
    const id = await engine.create(
      ['sh', '-c', 'for i in $(seq 1 40); do seq $((i * 50 - 49)) $((i * 50)); sleep 0.04; done'],
      json({ 'max-size': '10k', 'max-file': '3' }),
    );
    await engine.call('POST', `/containers/${id}/start`);
    expect((await logs(id, 'follow=1')).stdout).toBe(numbers(1, 2000));
    expect(filesOf(id).length).toBeGreaterThan(1);
    expect(filesOf(id).length).toBeLessThanOrEqual(3);
    // What is kept is in order, and its end is all there.
    const kept = (await logs(id)).stdout;
    expect(numbers(1, 2000)).toEndWith(kept);
    expect(kept.split('\n').length).toBeGreaterThan(300);
    expect((await logs(id, 'tail=400')).stdout).toBe(numbers(1601, 2000));
  });

  test('of the local driver, and of json-file with compress, is read from compressed files, too', async () => {
    const id = await engine.create(
      ['sh', '-c', 'seq 1 1000; sleep 0.8; seq 1001 2000; sleep 0.6'],
      json({ 'max-size': '20k', 'max-file': '4', compress: 'true' }),
    );
    await engine.call('POST', `/containers/${id}/start`);
    await engine.wait(id);
    expect(filesOf(id)).toContain('container.log.1.gz');
    expect((await logs(id)).stdout).toBe(numbers(1, 2000));
    expect((await logs(id, 'tail=1500')).stdout).toBe(numbers(501, 2000));
    const local = await engine.run(['echo', 'x'], { HostConfig: { LogConfig: { Type: 'local' } } });
    await engine.wait(local);
    expect((await logs(local)).stdout).toBe('x\n');
    const { body } = await engine.call('GET', `/containers/${local}/json`);
    expect(body).toMatchObject({ LogPath: '', HostConfig: { LogConfig: { Type: 'local', Config: {} } } });
  });

  test('of one file is begun anew when it is full', async () => {
    const id = await engine.run(['seq', '1', '2000'], json({ 'max-size': '10k' }));
    await engine.wait(id);
    expect(filesOf(id)).toEqual(['container.log']);
    const kept = (await logs(id)).stdout;
    expect(kept.length).toBeLessThan(10_000);
    expect(numbers(1, 2000)).toEndWith(kept);
  });

  test('shows the details that its options name', async () => {
    const id = await engine.run(['echo', 'x'], {
      ...json({ labels: 'app', env: 'MODE' }),
      Labels: { app: 'shop', other: '1' },
      Env: ['MODE=fast'],
    });
    await engine.wait(id);
    expect((await logs(id, 'details=1')).stdout).toBe('MODE=fast,app=shop x\n');
    const { body } = await engine.call('GET', `/containers/${id}/json`);
    expect((body as unknown as { LogPath: string }).LogPath).toBe(
      join(engine.config.dataDirectory, 'containers', id, 'container.log'),
    );
  });

  test('of the driver none cannot be read: 501 in docker’s words', async () => {
    const id = await engine.run(['echo', 'x'], { HostConfig: { LogConfig: { Type: 'none', Config: {} } } });
    await engine.wait(id);
    expect(await engine.call('GET', `/containers/${id}/logs?stdout=1`)).toMatchObject({
      status: 501,
      body: { message: 'configured logging driver does not support reading' },
    });
    expect(filesOf(id)).toEqual([]);
  });

  test('with an option that is none is refused at create', async () => {
    const answer = await engine.call('POST', '/containers/create', {
      Image: 'busybox',
      ...json({ 'max-sise': '1' }),
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { message: "unknown log opt 'max-sise' for json-file log driver" },
    });
  });
});
