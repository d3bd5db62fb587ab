/** What is measured of engines, one question each. Every contestant does the same thing with its own words. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, stampedCount } from './support/engines.ts';
import { command, type Question, race, type Row, summarize } from './support/measure.ts';
import { megabytes, supervisors } from './support/processes.ts';

const busybox = (engine: Engine): string => `${engine.registry}library/busybox`;
const debian = (engine: Engine): string => `${engine.registry}library/debian`;

export const engineQuestions: readonly Question<readonly Engine[]>[] = [
  { name: 'pull Debian, one layer', target: 0.4, ask: askPull },
  {
    name: 'run --rm busybox true',
    target: 0.25,
    ask: async (engines) => askRun(engines, 'run --rm busybox true', []),
  },
  {
    name: 'run --rm --network none busybox true',
    target: 1 / 3,
    ask: async (engines) => askRun(engines, 'run --rm --network none busybox true', ['--network', 'none']),
  },
  { name: 'exec true', target: 0.4, ask: askExec },
  { name: "push Debian's files, one layer", target: 0.35, ask: askPush },
  { name: 'commit after 100 MB written', target: 0.5, ask: askCommit },
  { name: 'save 200 MB', target: 1, ask: askSave },
  { name: 'load 200 MB', target: 1, ask: askLoad },
  { name: 'version', target: 1, ask: askVersion },
  { name: 'daemon at rest, resident', target: 0.5, ask: askIdle },
  { name: 'for each running container, beyond its own processes', target: '3 MB', ask: askPerContainer },
];

async function askRun(engines: readonly Engine[], name: string, flags: readonly string[]): Promise<Row[]> {
  for (const engine of engines) await engine.run('pull', busybox(engine));
  return race(
    name,
    engines.map((engine) => ({
      name: engine.name,
      run: async () => engine.run('run', '--rm', ...flags, busybox(engine), 'true'),
    })),
    15,
  );
}

async function askExec(engines: readonly Engine[]): Promise<Row[]> {
  for (const engine of engines)
    await engine.run('run', '-d', '--name', 'exec-in', busybox(engine), 'sleep', '600');
  try {
    return await race(
      'exec true',
      engines.map((engine) => ({
        name: engine.name,
        run: async () => engine.run('exec', 'exec-in', 'true'),
      })),
      15,
    );
  } finally {
    for (const engine of engines) await engine.run('rm', '-f', 'exec-in');
  }
}

/** Every round pulls another image: see stamped-images.ts. */
async function askPull(engines: readonly Engine[]): Promise<Row[]> {
  const rounds = new Map(engines.map((engine) => [engine, 0]));
  return race(
    'pull Debian, one layer',
    engines.map((engine) => ({
      name: engine.name,
      before: async () => command(['sync']),
      run: async () => engine.run('pull', `${engine.registry}bench/stamped:${rounds.get(engine)}`),
      after: async () => rounds.set(engine, (rounds.get(engine) ?? 0) + 1),
    })),
    stampedCount - 1,
  );
}

/** An image of one layer of 200 MB, of which half compresses well. @returns its name. */
async function makeBigImage(engine: Engine): Promise<string> {
  const script = 'dd if=/dev/urandom of=/a bs=1M count=100; yes compressible | head -c 100000000 > /b';
  await engine.run('pull', busybox(engine));
  const plain = ['--name', 'big', '--network', 'none'];
  await engine.run('run', ...plain, busybox(engine), 'sh', '-c', script);
  await engine.run('commit', 'big', 'big:1');
  await engine.run('rm', 'big');
  return 'big:1';
}

async function askSave(engines: readonly Engine[]): Promise<Row[]> {
  const images = new Map<Engine, string>();
  for (const engine of engines) images.set(engine, await makeBigImage(engine));
  try {
    return await race(
      'save 200 MB',
      engines.map((engine) => ({
        name: engine.name,
        run: async () => engine.discard('save', images.get(engine) ?? ''),
      })),
      5,
    );
  } finally {
    for (const [engine, image] of images) await engine.run('rmi', image);
  }
}

/** Each loads what it saved itself. */
async function askLoad(engines: readonly Engine[]): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-load-'));
  const archive = (engine: Engine): string => join(directory, `${engine.name}.tar`);
  try {
    for (const engine of engines) {
      const image = await makeBigImage(engine);
      await engine.run('save', '-o', archive(engine), image);
      await engine.run('rmi', image);
    }
    return await race(
      'load 200 MB',
      engines.map((engine) => ({
        name: engine.name,
        before: async () => command(['sync']),
        run: async () => engine.run('load', '-i', archive(engine)),
        after: async () => engine.run('rmi', 'big:1'),
      })),
      5,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A layer of real files that nobody has seen before: a copy of the image's own, with a stamp. */
async function askPush(engines: readonly Engine[]): Promise<Row[]> {
  for (const engine of engines) await engine.run('pull', debian(engine));
  let round = 0;
  const image = (engine: Engine): string => `${engine.registry}bench/pushed:${round}`;
  return race(
    "push Debian's files, one layer",
    engines.map((engine) => ({
      name: engine.name,
      before: async () => {
        round++;
        const script = `mkdir /copy && cp -a /usr /var /etc /copy && echo ${round} > /copy/stamp`;
        await engine.run('run', '--name', 'writer', '--network', 'none', debian(engine), 'sh', '-c', script);
        await engine.run('commit', 'writer', image(engine));
        await command(['sync']);
      },
      run: async () => engine.run('push', image(engine)),
      after: async () => {
        await engine.run('rm', 'writer');
        await engine.run('rmi', image(engine));
      },
    })),
    3,
  );
}

async function askCommit(engines: readonly Engine[]): Promise<Row[]> {
  for (const engine of engines) await engine.run('pull', busybox(engine));
  return race(
    'commit after 100 MB written',
    engines.map((engine) => ({
      name: engine.name,
      before: async () => {
        const script = 'dd if=/dev/urandom of=/data bs=1M count=100 2>/dev/null';
        await engine.run(
          'run',
          '-d',
          '--name',
          'writer',
          '--network',
          'none',
          busybox(engine),
          'sh',
          '-c',
          `${script}; sleep 600`,
        );
        await untilWritten(engine);
        await command(['sync']);
      },
      run: async () => engine.run('commit', 'writer', 'written:1'),
      after: async () => {
        await engine.run('rm', '-f', 'writer');
        await engine.run('rmi', 'written:1');
      },
    })),
    5,
  );
}

async function untilWritten(engine: Engine): Promise<void> {
  while ((await engine.run('exec', 'writer', 'stat', '-c', '%s', '/data')) !== '104857600')
    await Bun.sleep(50);
}

async function askVersion(engines: readonly Engine[]): Promise<Row[]> {
  return race(
    'version',
    engines.map((engine) => ({ name: engine.name, run: async () => engine.run('version') })),
    30,
  );
}

async function askIdle(engines: readonly Engine[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const engine of engines) {
    const pids = await engine.daemonPids();
    await Bun.sleep(5000);
    if (pids.length > 0)
      rows.push(summarize('daemon at rest, resident', engine.name, 'MB', [await megabytes(pids, 'Rss')]));
  }
  return rows;
}

/** What ten sleeping containers add: to the daemon, and in processes that are not theirs. PSS, so that shared pages count once. */
async function askPerContainer(engines: readonly Engine[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const engine of engines) {
    const names = Array.from({ length: 10 }, (_, index) => `idle-${index}`);
    const daemon = await engine.daemonPids();
    const before = await megabytes(daemon, 'Pss');
    const others = new Set(await supervisors());
    for (const name of names)
      await engine.run('run', '-d', '--name', name, '--network', 'none', busybox(engine), 'sleep', '600');
    const added = (await supervisors()).filter((pid) => !others.has(pid));
    const growth = (await megabytes(daemon, 'Pss')) - before + (await megabytes(added, 'Pss'));
    await engine.run('rm', '-f', ...names);
    rows.push(
      summarize('for each running container, beyond its own processes', engine.name, 'MB', [
        growth / names.length,
      ]),
    );
  }
  return rows;
}
