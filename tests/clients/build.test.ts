/** Docker's own clients build images on an engine of cais: both command lines, docker-compose and dockerode. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { run } from '../../src/lib/subprocess.ts';
import { RunningEngine } from '../support/running-engine.ts';
import { CommandLines } from './support/command-lines.ts';

setDefaultTimeout(120_000);

const dockerfile = `FROM busybox AS source
COPY word.txt /word
RUN cat /word > /copy
FROM busybox
ARG MORE
COPY --from=source /copy /copy
RUN echo $MORE >> /copy
CMD ["cat", "/copy"]
`;

let engine: RunningEngine;
let directory: string;
beforeAll(async () => {
  engine = await RunningEngine.start();
  directory = mkdtempSync(join(tmpdir(), 'cais-build-'));
  await Bun.write(join(directory, 'Dockerfile'), dockerfile);
  await Bun.write(join(directory, 'word.txt'), 'word\n');
  await Bun.write(join(directory, 'ignored.txt'), 'ignored\n');
  await Bun.write(join(directory, '.dockerignore'), 'ignored.txt\n');
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await engine[Symbol.asyncDispose]();
});

function host(): string {
  return `unix://${engine.socketPath}`;
}

test.each(['docker', 'docker 20.10'] as const)('%s builds without BuildKit', async (program) => {
  using cli = new CommandLines({ DOCKER_HOST: host(), DOCKER_BUILDKIT: '0' });
  const name = program.replaceAll(/\W/g, '-');
  const iidfile = join(cli.directory, 'id');
  const build = ['build', '--network', 'none', '--build-arg', 'MORE=more', '--iidfile', iidfile, '-t', name];
  const told = await cli.text(program, [...build, directory]);
  expect(told).toContain(`Step 8/8 : CMD ["cat", "/copy"]\n`);
  expect(told).toContain(`Successfully tagged ${name}:latest\n`);
  const id = await Bun.file(iidfile).text();
  expect(await cli.text(program, ['build', '-q', ...build.slice(1), directory])).toBe(`${id}\n`);
  expect(await cli.text(program, ['run', '--rm', '--network', 'none', name])).toBe('word\nmore\n');
});

test.each(['docker', 'docker 20.10'] as const)(
  '%s ends with the code of a command that fails',
  async (program) => {
    using cli = new CommandLines({ DOCKER_HOST: host(), DOCKER_BUILDKIT: '0' });
    const { exitCode, stderr } = await cli.run(
      program,
      ['build', '--network', 'none', '-'],
      'FROM busybox\nRUN exit 7\n',
    );
    expect(exitCode).toBe(7);
    expect(stderr).toContain("The command '/bin/sh -c exit 7' returned a non-zero code: 7");
  },
);

test('docker builds for another platform without BuildKit', async () => {
  using cli = new CommandLines({ DOCKER_HOST: host(), DOCKER_BUILDKIT: '0' });
  await Bun.write(join(cli.directory, 'context/Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
  const build = ['build', '--platform', 'linux/arm64', '-t', 'other', join(cli.directory, 'context')];
  expect(await cli.text('docker', build)).toContain('Successfully tagged other:latest\n');
  const format = '{{.Os}}/{{.Architecture}}';
  expect(await cli.text('docker', ['image', 'inspect', '--format', format, 'other'])).toBe('linux/arm64\n');
});

test('docker-compose builds what its file names', async () => {
  const file = `version: "2.4"
services:
  app:
    build: { context: ., args: { MORE: composed } }
    image: composed
    network_mode: none
`;
  await Bun.write(join(directory, 'docker-compose.yml'), file);
  const { exitCode, stdout, stderr } = await run(
    ['docker-compose', '-f', join(directory, 'docker-compose.yml'), 'run', '--rm', 'app'],
    { env: { ...process.env, DOCKER_HOST: host(), DOCKER_BUILDKIT: '0' } },
  );
  if (exitCode !== 0) expect.unreachable(stderr);
  expect(stdout).toEndWith('word\ncomposed\n');
});

test('dockerode builds from files', async () => {
  const docker = new Docker({ socketPath: engine.socketPath });
  const context = { context: directory, src: ['Dockerfile', 'word.txt'] };
  const options = { t: 'rode', buildargs: { MORE: 'rode' }, networkmode: 'none' };
  const stream = await docker.buildImage(context, options);
  const lines = await new Promise<{ aux?: { ID: string } }[]>((resolve, reject) =>
    docker.modem.followProgress(stream, (error, output) =>
      error ? reject(error) : resolve(output as { aux?: { ID: string } }[]),
    ),
  );
  const { Id } = await docker.getImage('rode').inspect();
  expect(lines.flatMap(({ aux }) => aux?.ID ?? []).at(-1)).toBe(Id);
});
