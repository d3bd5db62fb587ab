/** Images as archives, to and from what others write and read: docker 20.10, podman, skopeo, containerd, umoci. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/lib/subprocess.ts';
import {
  type Peer,
  startContainerd,
  startContainersTool,
  startDockerd,
  startSkopeo,
} from '../support/peers.ts';
import { RunningEngine } from '../support/running-engine.ts';

let engine: RunningEngine;
let dockerd: Peer;
let podman: Peer;
let skopeo: Peer;
let containerd: Peer;
let directory: string;
/** Of the image that was made here: two layers. */
let id: string;

const at = (name: string): string => join(directory, name);

/** The stock client on our engine. */
async function docker(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(['docker', '-H', `unix://${engine.socketPath}`, ...args]);
  if (exitCode !== 0) expect.unreachable(`docker ${args.join(' ')}: exit ${exitCode}: ${stderr}`);
  return stdout.trim();
}

async function idOf(name: string): Promise<string> {
  return docker('image', 'inspect', '-f', '{{.Id}}', name);
}

/** What the image says when it runs. */
async function said(name: string): Promise<string> {
  return docker('run', '--rm', '--network', 'none', name, 'cat', '/file');
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-archives-'));
  [engine, dockerd, podman, skopeo, containerd] = await Promise.all([
    RunningEngine.start(),
    startDockerd(),
    startContainersTool('podman'),
    startSkopeo(),
    startContainerd(),
  ]);
  await docker('run', '--name', 'maker', '--network', 'none', 'busybox', 'sh', '-c', 'echo made > /file');
  await docker('commit', '-c', 'ENV MADE=1', 'maker', 'made:1');
  await docker('rm', 'maker');
  await docker('tag', 'made:1', 'registry.example/made/by:cais');
  id = await idOf('made:1');
  await docker('save', '-o', at('made.tar'), 'made:1', 'registry.example/made/by:cais', 'busybox');
}, 300_000);

afterAll(async () => {
  for (const owner of [engine, dockerd, podman, skopeo, containerd]) await owner?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 300_000);

describe('what we save', () => {
  test('docker 20.10 loads, with all names', async () => {
    const said = await dockerd.run(['load', '-i', at('made.tar')]);
    expect(
      said
        .split('\n')
        .filter((line) => line.startsWith('Loaded'))
        .toSorted(),
    ).toEqual([
      'Loaded image: busybox:latest',
      'Loaded image: made:1',
      'Loaded image: registry.example/made/by:cais',
    ]);
    expect(await dockerd.run(['image', 'inspect', '-f', '{{.Id}}', 'made:1'])).toBe(id);
  }, 300_000);

  test('podman loads', async () => {
    await podman.run(['load', '-i', at('made.tar')]);
    const found = await podman.run(['image', 'inspect', '-f', '{{.Id}}', 'registry.example/made/by:cais']);
    expect(`sha256:${found}`).toBe(id);
  }, 300_000);

  test('containerd imports', async () => {
    await containerd.run(['images', 'import', at('made.tar')]);
    const names = (await containerd.run(['images', 'ls', '-q'])).split('\n');
    expect(names).toContain('docker.io/library/made:1');
    expect(names).toContain('registry.example/made/by:cais');
  }, 300_000);

  test('skopeo reads as either format', async () => {
    for (const source of [`docker-archive:${at('made.tar')}:made:1`]) {
      const config = JSON.parse(await skopeo.run(['inspect', '--config', source])) as {
        readonly config: { readonly Env: readonly string[] };
      };
      expect(config.config.Env).toContain('MADE=1');
    }
    await docker('save', '-o', at('one.tar'), 'made:1');
    await skopeo.run(['copy', `oci-archive:${at('one.tar')}`, `dir:${at('copied')}`]);
    expect(await Bun.file(at(`copied/${id.slice('sha256:'.length)}`)).exists()).toBe(true);
  }, 300_000);
});

/** How each writes an archive of the image under a name of its own. */
const writers: Readonly<Record<string, (path: string, name: string) => Promise<unknown>>> = {
  'docker 20.10': async (path, name) => {
    await dockerd.run(['load', '-i', at('made.tar')]);
    await dockerd.run(['tag', 'made:1', name]);
    await dockerd.run(['save', '-o', path, name]);
  },
  podman: async (path, name) => {
    await podman.run(['load', '-i', at('made.tar')]);
    await podman.run(['tag', 'registry.example/made/by:cais', name]);
    await podman.run(['save', '-o', path, name]);
  },
  'podman, OCI': async (path, name) => {
    await podman.run(['load', '-i', at('made.tar')]);
    await podman.run(['tag', 'registry.example/made/by:cais', name]);
    await podman.run(['save', '--format', 'oci-archive', '-o', path, name]);
  },
  'skopeo, docker': (path, name) =>
    skopeo.run(['copy', `docker-archive:${at('made.tar')}:made:1`, `docker-archive:${path}:${name}`]),
  'skopeo, OCI': (path, name) =>
    skopeo.run(['copy', `docker-archive:${at('made.tar')}:made:1`, `oci-archive:${path}:${name}`]),
  containerd: async (path, name) => {
    await containerd.run(['images', 'import', at('made.tar')]);
    await containerd.run(['images', 'tag', '--force', 'docker.io/library/made:1', name]);
    await containerd.run(['images', 'export', path, name]);
  },
};

describe('what others write', () => {
  test.each(Object.keys(writers))(
    '%s',
    async (writer) => {
      const name = `registry.example/by/${writer.toLowerCase().replaceAll(/[^a-z]/g, '')}:1`;
      const path = at(`${writer.toLowerCase().replaceAll(/[^a-z]/g, '')}.tar`);
      await writers[writer]?.(path, name);
      expect(await docker('load', '-i', path)).toBe(`Loaded image: ${name}`);
      expect(await said(name)).toBe('made');
    },
    60_000,
  );

  test('umoci, whose tags are no names', async () => {
    await skopeo.run(['copy', `docker-archive:${at('made.tar')}:made:1`, `oci:${at('layout')}:made`]);
    await run([
      'umoci',
      'config',
      '--image',
      `${at('layout')}:made`,
      '--tag',
      'umoci',
      '--config.env',
      'BY=umoci',
    ]);
    await rm(at('layout.tar'), { force: true });
    await run(['umoci', 'rm', '--image', `${at('layout')}:made`]);
    await run(['tar', '-C', at('layout'), '-czf', at('layout.tar'), '.']);
    const [, loaded = ''] =
      /^Loaded image ID: (sha256:\w+)$/.exec(await docker('load', '-i', at('layout.tar'))) ?? [];
    expect(await docker('image', 'inspect', '-f', '{{.Config.Env}}', loaded)).toContain('BY=umoci');
    expect(await said(loaded)).toBe('made');
  }, 300_000);
});

test('the stock client saves to and loads from standard streams, quietly or not', async () => {
  const host = `unix://${engine.socketPath}`;
  const script = `docker -H ${host} save made:1 | gzip | docker -H ${host} load`;
  expect((await run(['sh', '-c', script])).stdout).toBe('Loaded image: made:1\n');
  expect((await run(['sh', '-c', `${script} -q`])).stdout).toBe('Loaded image: made:1\n');
});

test('a container goes out as a tree and comes back as an image', async () => {
  const host = `unix://${engine.socketPath}`;
  await docker('create', '--name', 'exported', 'made:1');
  const script = `docker -H ${host} export exported | docker -H ${host} import -c 'CMD ["cat","/file"]' - flat:1`;
  const { stdout } = await run(['sh', '-c', script]);
  expect(stdout.trim()).toBe(await idOf('flat:1'));
  expect(await docker('run', '--rm', '--network', 'none', 'flat:1')).toBe('made');
  await docker('rm', 'exported');
});
