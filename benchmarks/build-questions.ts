/** What is measured of builds: docker's classic builder and podman's, which is buildah's, on the same Dockerfiles. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from './support/engines.ts';
import { command, type Question, race, type Row } from './support/measure.ts';

const busybox = (engine: Engine): string => `${engine.registry}library/busybox`;

const head = 'ARG BASE\nFROM ${BASE}';
const work = 'seq 300000 | sort -r | md5sum > /out/sum';
const stage = (name: string): string =>
  `FROM \${BASE} AS ${name}\nWORKDIR /out\nRUN echo ${name} > /out/name\nRUN ${work}`;
const threeStages = `ARG BASE
${stage('one')}
${stage('two')}
FROM \${BASE}
COPY --from=one /out /one
COPY --from=two /out /two
CMD ["cat", "/one/sum"]
`;
const tenSteps = `${head}\n${Array.from({ length: 10 }, (_each, step) => `RUN echo ${step} > /step-${step}`).join('\n')}\n`;

export const buildQuestions: readonly Question<readonly Engine[]>[] = [
  {
    name: 'build of three stages, nothing cached',
    target: 0.5,
    ask: (engines) => askBuild(engines, 'build of three stages, nothing cached', threeStages, ['--no-cache']),
  },
  {
    name: 'build of three stages, all cached',
    target: 0.3,
    ask: (engines) => askBuild(engines, 'build of three stages, all cached', threeStages, []),
  },
  {
    name: 'build of ten steps, nothing changed',
    target: 0.2,
    ask: (engines) => askBuild(engines, 'build of ten steps, nothing changed', tenSteps, []),
  },
  { name: 'build with 500 MB beside it, 1 MB of them sent', target: 1, ask: askIgnored },
  { name: 'build with a COPY of 20,000 files', target: 0.7, ask: askManyFiles },
];

async function askBuild(
  engines: readonly Engine[],
  name: string,
  dockerfile: string,
  flags: readonly string[],
): Promise<Row[]> {
  return await inContext(async (context) => {
    await Bun.write(join(context, 'Dockerfile'), dockerfile);
    return await raceBuilds(engines, name, context, flags, 5);
  });
}

async function askIgnored(engines: readonly Engine[]): Promise<Row[]> {
  return await inContext(async (context) => {
    await Bun.write(join(context, 'Dockerfile'), `${head}\nCOPY . /app\n`);
    await Bun.write(join(context, '.dockerignore'), 'big\n');
    await mkdir(join(context, 'big'));
    const megabyte = crypto.getRandomValues(new Uint8Array(65_536));
    await Bun.write(join(context, 'kept'), new Uint8Array(1_000_000));
    for (let file = 0; file < 500; file++)
      await Bun.write(
        join(context, 'big', String(file)),
        new Blob(Array.from({ length: 16 }, () => megabyte)),
      );
    return await raceBuilds(
      engines,
      'build with 500 MB beside it, 1 MB of them sent',
      context,
      ['--no-cache'],
      5,
    );
  });
}

async function askManyFiles(engines: readonly Engine[]): Promise<Row[]> {
  return await inContext(async (context) => {
    await Bun.write(join(context, 'Dockerfile'), `${head}\nCOPY files /files\n`);
    for (let directory = 0; directory < 200; directory++) {
      for (let file = 0; file < 100; file++)
        await Bun.write(
          join(context, 'files', String(directory), String(file)),
          `${directory} ${file}\n`.repeat(50),
        );
    }
    return await raceBuilds(engines, 'build with a COPY of 20,000 files', context, ['--no-cache'], 5);
  });
}

async function inContext(ask: (context: string) => Promise<Row[]>): Promise<Row[]> {
  const context = await mkdtemp(join(tmpdir(), 'cais-bench-build-'));
  try {
    return await ask(context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** Each builds once before it is timed: with a cache it is full then. */
async function raceBuilds(
  engines: readonly Engine[],
  name: string,
  context: string,
  flags: readonly string[],
  rounds: number,
): Promise<Row[]> {
  const build = (engine: Engine): Promise<string> =>
    engine.run(
      'build',
      '-q',
      '-t',
      'bench-built',
      '--build-arg',
      `BASE=${busybox(engine)}`,
      ...flags,
      context,
    );
  for (const engine of engines) {
    await engine.run('pull', busybox(engine));
    await build(engine);
  }
  try {
    return await race(
      name,
      engines.map((engine) => ({
        name: engine.name,
        before: () => command(['sync']),
        run: () => build(engine),
      })),
      rounds,
    );
  } finally {
    for (const engine of engines) await engine.run('rmi', 'bench-built');
  }
}
