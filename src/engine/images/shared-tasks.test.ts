import { expect, test } from 'bun:test';
import { SharedTasks } from './shared-tasks.ts';

const never = new AbortController().signal;

test('work asked for twice is done once, and who comes late sees the latest event', async () => {
  const tasks = new SharedTasks<string, number, string>();
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const work = async (report: (event: number) => void): Promise<string> => {
    runs += 1;
    report(1);
    await gate.promise;
    report(2);
    return 'done';
  };
  const seen: number[][] = [[], []];
  const first = tasks.run('a', work, (event) => seen[0]?.push(event), never);
  await Bun.sleep(1);
  const second = tasks.run('a', work, (event) => seen[1]?.push(event), never);
  await Bun.sleep(1);
  gate.resolve();
  expect(await Promise.all([first, second])).toEqual(['done', 'done']);
  expect(seen).toEqual([
    [1, 2],
    [1, 2],
  ]);
  expect(runs).toBe(1);
});

test('it is cancelled when the last one leaves, and begun anew after its end', async () => {
  const tasks = new SharedTasks<string, number, string>();
  const states: string[] = [];
  const work = (_report: unknown, signal: AbortSignal): Promise<string> => {
    states.push('begun');
    const { promise, reject } = Promise.withResolvers<string>();
    signal.addEventListener('abort', () => {
      // Cleaning up takes its time.
      setTimeout(() => {
        states.push('ended');
        reject(signal.reason as Error);
      }, 20);
    });
    return promise;
  };
  const leaving = [new AbortController(), new AbortController()];
  const waiting = leaving.map(({ signal }) =>
    tasks.run('a', work, () => undefined, signal).catch(() => 'left'),
  );
  await Bun.sleep(1);
  leaving[0]?.abort();
  await Bun.sleep(1);
  expect(states).toEqual(['begun']);
  leaving[1]?.abort();
  expect(await Promise.all(waiting)).toEqual(['left', 'left']);
  await tasks.run(
    'a',
    async () => (states.push('again'), 'ok'),
    () => undefined,
    never,
  );
  expect(states).toEqual(['begun', 'ended', 'again']);
});

test('a failure reaches all, and is not remembered', async () => {
  const tasks = new SharedTasks<string, number, string>();
  const fail = async (): Promise<string> => {
    throw new TypeError('broken');
  };
  await expect(tasks.run('a', fail, () => undefined, never)).rejects.toThrow('broken');
  expect(
    await tasks.run(
      'a',
      async () => 'fine',
      () => undefined,
      never,
    ),
  ).toBe('fine');
});
