/** What is measured of engines with a lot to do: many containers, long logs. Podman, without a daemon, is left out where it takes minutes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from './support/engines.ts';
import { type Question, race, type Row, summarize } from './support/measure.ts';
import { megabytes, supervisors } from './support/processes.ts';

const busybox = (engine: Engine): string => `${engine.registry}library/busybox`;
const isDaemon = ({ name }: Engine): boolean => name !== 'podman';

const atOnce = 20;
const listed = 500;
const running = 100;
/** In seconds. */
const stopTimeout = 2;

export const manyQuestions: readonly Question<readonly Engine[]>[] = [
  { name: '20 containers started at once', target: 1 / 3, ask: askAtOnce },
  { name: 'ps -a with 500 containers', target: 1, ask: askList },
  { name: 'logs of 1 GB', target: 1, ask: askLogs },
  { name: 'cp of a 1 GB tree, out and in', target: 1, ask: askCopy },
  { name: 'stop -t 2 of who ignores SIGTERM', target: 1, ask: askStop },
  { name: 'with 100 running containers: daemon and monitors', target: '200 MB', ask: askRunning },
];

async function askAtOnce(engines: readonly Engine[]): Promise<Row[]> {
  for (const engine of engines) await engine.run('pull', busybox(engine));
  const names = numbered('many', atOnce);
  return race(
    '20 containers started at once',
    engines.map((engine) => ({
      name: engine.name,
      run: async () =>
        Promise.all(
          names.map((name) => engine.run('run', '-d', '--name', name, busybox(engine), 'sleep', '600')),
        ),
      after: async () => engine.run('rm', '-f', ...names),
    })),
    5,
  );
}

async function askList(engines: readonly Engine[]): Promise<Row[]> {
  const daemons = engines.filter(isDaemon);
  const names = numbered('listed', listed);
  for (const engine of daemons) {
    await engine.run('pull', busybox(engine));
    for (const name of names) await engine.run('create', '--name', name, busybox(engine), 'true');
  }
  try {
    return await race(
      'ps -a with 500 containers',
      daemons.map((engine) => ({ name: engine.name, run: async () => engine.run('ps', '-a') })),
      15,
    );
  } finally {
    for (const engine of daemons) await engine.run('rm', ...names);
  }
}

/** As the disk gives it, into /dev/null: lines of 100 bytes. */
async function askLogs(engines: readonly Engine[]): Promise<Row[]> {
  const script = `yes ${'a'.repeat(99)} | head -c 1000000000`;
  for (const engine of engines) {
    await engine.run('pull', busybox(engine));
    await engine.run(
      'run',
      '--name',
      'talker',
      '-d',
      '--network',
      'none',
      busybox(engine),
      'sh',
      '-c',
      script,
    );
    await engine.run('wait', 'talker');
  }
  try {
    return await race(
      'logs of 1 GB',
      engines.map((engine) => ({ name: engine.name, run: async () => engine.discard('logs', 'talker') })),
      3,
    );
  } finally {
    for (const engine of engines) await engine.run('rm', 'talker');
  }
}

/** 20,000 files of 50 kB in 200 directories: out of a container and into another, on one disk. */
async function askCopy(engines: readonly Engine[]): Promise<Row[]> {
  const script = `for d in $(seq 200); do mkdir -p /tree/$d; for f in $(seq 100); do head -c 50000 /dev/urandom > /tree/$d/$f; done; done`;
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-cp-'));
  try {
    for (const engine of engines) {
      await engine.run('pull', busybox(engine));
      await engine.run('run', '--name', 'copied', '--network', 'none', busybox(engine), 'sh', '-c', script);
    }
    const rows: Row[] = [];
    const place = (engine: Engine): string => join(directory, engine.name);
    rows.push(
      ...(await race(
        'cp of a 1 GB tree, out',
        engines.map((engine) => ({
          name: engine.name,
          before: async () => rm(place(engine), { recursive: true, force: true }),
          run: async () => engine.run('cp', 'copied:/tree', place(engine)),
        })),
        3,
      )),
      ...(await race(
        'cp of a 1 GB tree, in',
        engines.map((engine) => ({
          name: engine.name,
          before: async () => engine.run('create', '--name', 'copied-into', busybox(engine), 'true'),
          run: async () => engine.run('cp', place(engine), 'copied-into:/tree'),
          after: async () => engine.run('rm', 'copied-into'),
        })),
        3,
      )),
    );
    return rows;
  } finally {
    for (const engine of engines) await engine.run('rm', 'copied');
    await rm(directory, { recursive: true, force: true });
  }
}

async function askStop(engines: readonly Engine[]): Promise<Row[]> {
  for (const engine of engines) await engine.run('pull', busybox(engine));
  const script = 'trap "" TERM; while :; do sleep 1; done';
  return race(
    'stop -t 2 of who ignores SIGTERM',
    engines.map((engine) => ({
      name: engine.name,
      before: async () => engine.run('run', '-d', '--name', 'deaf', busybox(engine), 'sh', '-c', script),
      run: async () => engine.run('stop', '-t', String(stopTimeout), 'deaf'),
      after: async () => engine.run('rm', 'deaf'),
    })),
    3,
  );
}

/** PSS, so that shared pages count once. */
async function askRunning(engines: readonly Engine[]): Promise<Row[]> {
  const question = 'with 100 running containers: daemon and monitors';
  const names = numbered('idle', running);
  const rows: Row[] = [];
  for (const engine of engines.filter(isDaemon)) {
    await engine.run('pull', busybox(engine));
    const others = new Set(await supervisors());
    for (const name of names) await engine.run('run', '-d', '--name', name, busybox(engine), 'sleep', '600');
    const monitors = (await supervisors()).filter((pid) => !others.has(pid));
    const held = await megabytes([...(await engine.daemonPids()), ...monitors], 'Pss');
    await engine.run('rm', '-f', ...names);
    rows.push(summarize(question, engine.name, 'MB', [held]));
  }
  return rows;
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}
