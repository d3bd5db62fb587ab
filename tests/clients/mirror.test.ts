/** Other engines have the hub as their mirror of docker.io, and of registries that it knows by a prefix: what it lacks it fetches. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeRegistry } from '../support/fake-registry.ts';
import { startContainerd, startContainersTool, startDockerd } from '../support/peers.ts';
import { type RunningHub, startHub } from '../support/running-hub.ts';

let directory = '';
let upstream: FakeRegistry;
let hub: RunningHub;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cais-mirror-'));
  upstream = new FakeRegistry();
  const address = `http://${upstream.host}`;
  hub = await startHub({ CAIS_HUB_UPSTREAM: `${address} ghcr.io=${address}` });
}, 120_000);

afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 120_000);

/** A file called `name` in one layer, which no other image has: the hub would not ask for that again. */
async function addImage(repository: string, name: string): Promise<void> {
  const root = await mkdtemp(join(directory, 'image-'));
  await Bun.write(join(root, name), `${repository} from upstream`);
  const tar = Bun.spawn(['tar', '-C', root, '-c', name], { stdio: ['ignore', 'pipe', 'inherit'] });
  upstream.addImage(repository, '1', [await new Response(tar.stdout).bytes()]);
}

/** The blobs of the repository that upstream was asked for. */
const fetched = (repository: string): number => upstream.count(`GET /v2/${repository}/blobs/`);

test('containerd, by hosts.toml: docker.io, and ghcr.io from the same address', async () => {
  await using ctr = await startContainerd();
  for (const registry of ['docker.io', 'ghcr.io']) {
    await mkdir(join(directory, 'hosts', registry), { recursive: true });
    await Bun.write(
      join(directory, 'hosts', registry, 'hosts.toml'),
      `server = "http://127.0.0.1:9"\n[host."${hub.url}"]\n  capabilities = ["pull", "resolve"]\n`,
    );
  }
  for (const [registry, repository] of [
    ['docker.io', 'library/by-containerd'],
    ['ghcr.io', 'owner/by-containerd'],
  ]) {
    await addImage(repository ?? '', 'stamp');
    const name = `${registry}/${repository}:1`;
    for (const _time of ['fetched', 'cached']) {
      await ctr.run(['images', 'pull', '--hosts-dir', join(directory, 'hosts'), name]);
      await ctr.run(['images', 'rm', '--sync', name]);
    }
    expect(fetched(repository ?? '')).toBe(2);
  }
}, 300_000);

test('podman, by registries.conf', async () => {
  const configuration = join(directory, 'registries.conf');
  const mirror = (registry: string, location: string): string =>
    `[[registry]]\nlocation = "${registry}"\n[[registry.mirror]]\nlocation = "${location}"\ninsecure = true\n`;
  await Bun.write(
    configuration,
    `${mirror('docker.io', hub.host)}${mirror('ghcr.io', `${hub.host}/ghcr.io`)}`,
  );
  const accounts = join(directory, 'auth.json');
  await Bun.write(accounts, '{}');
  const settings = { CONTAINERS_REGISTRIES_CONF: configuration, REGISTRY_AUTH_FILE: accounts };
  await using podman = await startContainersTool('podman', settings);
  for (const [registry, repository] of [
    ['docker.io', 'library/by-podman'],
    ['ghcr.io', 'owner/by-podman'],
  ]) {
    await addImage(repository ?? '', 'stamp');
    for (const _time of ['fetched', 'cached']) {
      await podman.run(['pull', '-q', `${registry}/${repository}:1`]);
      await podman.run(['rmi', '-f', `${registry}/${repository}:1`]);
    }
    expect(fetched(repository ?? '')).toBe(2);
  }
}, 300_000);

test('dockerd, by registry-mirrors; and by the name of another registry as a prefix', async () => {
  await using docker = await startDockerd(`--registry-mirror=${hub.url}`);
  await addImage('library/by-dockerd', 'stamp');
  await addImage('owner/by-dockerd', 'stamp');
  for (const [name, repository] of [
    ['by-dockerd:1', 'library/by-dockerd'],
    [`${hub.host}/ghcr.io/owner/by-dockerd:1`, 'owner/by-dockerd'],
  ]) {
    for (const _time of ['fetched', 'cached']) {
      await docker.run(['pull', '-q', name ?? '']);
      await docker.run(['rmi', '-f', name ?? '']);
    }
    expect(fetched(repository ?? '')).toBe(2);
  }
}, 300_000);
