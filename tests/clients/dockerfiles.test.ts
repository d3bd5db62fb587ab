/**
 * Dockerfiles of the kinds that people write (dockerfiles/), each built by cais and by dockerd's classic builder: the two
 * images have to hold the same files and to say the same of what runs in them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finished, run, runChecked } from '../../src/lib/subprocess.ts';
import { caisBinary, type RunningCais, startCais } from '../support/running-cais.ts';
import { imageFiles } from './support/image-files.ts';
import { type NetworkedDockerd, startNetworkedDockerd } from './support/networked-dockerd.ts';

const cases = join(import.meta.dir, 'dockerfiles');

/** An engine and the client that builds there. */
interface Builder {
  readonly client: readonly string[];
  readonly env: Record<string, string>;
  /** By case, once. */
  readonly built: Map<string, Promise<Finished>>;
}

let directory: string;
let cais: RunningCais;
let dockerd: NetworkedDockerd;
let ours: Builder;
let theirs: Builder;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-dockerfiles-'));
  [cais, dockerd] = await Promise.all([startCais({ seed: true }), startNetworkedDockerd()]);
  ours = { client: [caisBinary], env: cais.clientEnv, built: new Map() };
  const env = { ...cais.clientEnv, DOCKER_HOST: `unix://${dockerd.socketPath}`, DOCKER_BUILDKIT: '0' };
  theirs = { client: ['docker'], env, built: new Map() };
  // Both stand on the very same images.
  for (const image of ['busybox', 'debian']) await runChecked([caisBinary, 'pull', image], { env: ours.env });
  await runChecked([caisBinary, 'save', '-o', `${directory}/bases.tar`, 'busybox', 'debian'], {
    env: ours.env,
  });
  await runChecked(['docker', 'load', '-i', `${directory}/bases.tar`], { env: theirs.env });
}, 300_000);
afterAll(async () => {
  await Promise.all([cais[Symbol.asyncDispose](), dockerd[Symbol.asyncDispose]()]);
  await rm(directory, { recursive: true, force: true });
}, 300_000);

const names = readdirSync(cases).toSorted();

describe('a Dockerfile', () => {
  test.each(names)(
    '%s',
    async (name) => {
      for (const builder of [ours, theirs]) expect((await build(builder, name)).stderr).not.toContain('rror');
      const [own, other] = await Promise.all([ours, theirs].map((builder) => described(builder, name)));
      expect(own).toEqual(other);
    },
    300_000,
  );
});

/** Builds those first that the Dockerfile names. */
async function build(builder: Builder, name: string): Promise<Finished> {
  const known = builder.built.get(name);
  if (known) return await known;
  const context = contextOf(name);
  const text = readFileSync(join(context, 'Dockerfile'), 'utf8');
  for (const [, other = ''] of text.matchAll(/case\/([a-z-]+):latest/g)) await build(builder, other);
  const building = run(
    [...builder.client, 'build', '-q', '-t', `case/${name}`, ...flagsOf(context), context],
    {
      env: builder.env,
    },
  );
  builder.built.set(name, building);
  const finished = await building;
  expect(finished).toMatchObject({ exitCode: 0 });
  return finished;
}

/** A copy of the case in which what cannot be kept in a repository is made. */
function contextOf(name: string): string {
  const context = join(directory, name);
  if (existsSync(context)) return context;
  cpSync(join(cases, name), context, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  if (existsSync(join(context, 'prepare.sh'))) {
    const { exitCode, stderr } = Bun.spawnSync(['sh', 'prepare.sh'], { cwd: context });
    expect({ exitCode, stderr: stderr.toString() }).toMatchObject({ exitCode: 0 });
  }
  return context;
}

/** `target` and `build-args` beside a Dockerfile are the flags of its build. */
function flagsOf(context: string): string[] {
  const linesOf = (file: string): string[] => {
    const path = join(context, file);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  };
  return [
    ...linesOf('target').map((target) => `--target=${target}`),
    ...linesOf('build-args').map((argument) => `--build-arg=${argument}`),
  ];
}

interface Described {
  readonly files: Record<string, string>;
  readonly settings: Record<string, unknown>;
}

async function described({ client, env }: Builder, name: string): Promise<Described> {
  const files = await imageFiles(client, env, `case/${name}`);
  return { files: Object.fromEntries(files), settings: await settingsOf(env, `case/${name}`) };
}

/** What an image says of what runs in it; that a list is empty or absent is the same. */
async function settingsOf(env: Record<string, string>, image: string): Promise<Record<string, unknown>> {
  const [, socket = ''] = /^unix:\/\/(.*)$/.exec(env['DOCKER_HOST'] ?? '') ?? [];
  const answer = await fetch(`http://engine/v1.41/images/${image}/json`, { unix: socket });
  const { Config, Author, Architecture, Os } = (await answer.json()) as Record<string, unknown>;
  const config = Config as Record<string, unknown>;
  const settings = Object.fromEntries(
    [
      'User',
      'ExposedPorts',
      'Env',
      'Entrypoint',
      'Cmd',
      'Healthcheck',
      'Volumes',
      'WorkingDir',
      'OnBuild',
      'Labels',
      'StopSignal',
      'Shell',
    ].map((key) => [key, filled(config[key])]),
  );
  return { ...settings, Author, Architecture, Os };
}

function filled(value: unknown): unknown {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0) ? undefined : value;
}
