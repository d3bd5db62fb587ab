/**
 * The engines that race: cais, and dockerd and podman from the distribution's packages, each on a store of its own,
 * pulling from a registry on the loopback interface: cais from its hub, the peers from docker-registry (distribution).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { podmanEnvironment } from '../../tests/support/podman-config.ts';
import { caisBinary, freePort, startCais } from '../../tests/support/running-cais.ts';
import { signUp } from '../../tests/support/hub-account.ts';
import { command, discard } from './measure.ts';
import { pushDirectory, stampImages } from './stamped-images.ts';
import { until } from './until.ts';

export interface Engine {
  readonly name: string;
  /** Runs one of its commands. */
  readonly run: (...args: string[]) => Promise<string>;
  /** The same with its output thrown away by the system: for more than anybody wants to hold. */
  readonly discard: (...args: string[]) => Promise<void>;
  /** What stands before a repository's name to pull it from, and push it to, this engine's registry. */
  readonly registry: string;
  /** Process ids that make up the daemon when nothing runs; none for podman. */
  readonly daemonPids: () => Promise<number[]>;
}

export interface Field extends AsyncDisposable {
  readonly engines: readonly Engine[];
  /** Why a peer is missing, one line each. */
  readonly missing: readonly string[];
}

/** As many first pulls as one run can time: `bench/stamped:0` and so on. */
export const stampedCount = 6;

const password = 'sail-to-the-quay-9';

/** Starts all that can be started; a peer that cannot is named in `missing`, with the reason. */
export async function startField(): Promise<Field> {
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-'));
  stack.defer(async () => {
    // podman mounts its store onto itself, and leaves it so.
    await unmountBelow(directory);
    await rm(directory, { recursive: true, force: true });
  });
  // Where /run is: in memory, as on an ordinary machine.
  const runtime = await mkdtemp('/dev/shm/cais-bench-');
  stack.defer(async () => {
    await unmountBelow(runtime);
    await rm(runtime, { recursive: true, force: true });
  });
  const missing: string[] = [];
  const ours = await startOurs(stack, runtime);
  const engines: Engine[] = [ours.engine];
  const registry = await startDistribution(stack, directory, ours.hubHost, missing);
  if (registry) {
    await attempt('dockerd', missing, async () =>
      engines.push(await startDockerd(stack, directory, runtime, registry)),
    );
    await attempt('podman', missing, async () =>
      engines.push(await startPodman(stack, directory, runtime, registry)),
    );
  }
  return { engines, missing, [Symbol.asyncDispose]: async () => stack.disposeAsync() };
}

async function attempt(name: string, missing: string[], start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    missing.push(
      `${name} cannot run here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
    );
  }
}

/** @returns the engine, and the hub whose images the peers' registry gets too. */
async function startOurs(
  stack: AsyncDisposableStack,
  runtime: string,
): Promise<{ engine: Engine; hubHost: string }> {
  const cais = stack.use(await startCais({ seed: true, apart: true, runDirectory: join(runtime, 'cais') }));
  await signUp(cais.hubUrl, 'bench', password);
  const run = async (...args: string[]): Promise<string> => command([caisBinary, ...args], cais.clientEnv);
  await command(['sh', '-c', `echo ${password} | cais login -u bench --password-stdin`], cais.clientEnv);
  return {
    engine: {
      name: 'cais',
      run,
      discard: async (...args) => discard([caisBinary, ...args], cais.clientEnv),
      registry: '',
      daemonPids: async () => [cais.pid],
    },
    hubHost: cais.hubHost,
  };
}

async function startDistribution(
  stack: AsyncDisposableStack,
  directory: string,
  source: string,
  missing: string[],
): Promise<string | undefined> {
  const host = `127.0.0.1:${await freePort()}`;
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'registry') } },
    http: { addr: host },
  };
  await Bun.write(join(directory, 'registry.yml'), JSON.stringify(config));
  try {
    const child = Bun.spawn(['docker-registry', 'serve', join(directory, 'registry.yml')], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    stack.defer(async () => {
      child.kill();
      await child.exited;
    });
    await until(async () => (await fetch(`http://${host}/v2/`)).ok);
    const stamped = await stampImages(await debianDirectory(directory, source), directory, stampedCount);
    for (const [index, image] of stamped.entries()) {
      await pushDirectory(image, `${source}/bench/stamped:${index}`, `bench:${password}`);
      await pushDirectory(image, `${host}/bench/stamped:${index}`);
    }
    for (const image of ['library/busybox', 'library/debian']) {
      await command([
        'skopeo',
        'copy',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        `docker://${source}/${image}`,
        `docker://${host}/${image}`,
      ]);
    }
    return host;
  } catch (error) {
    missing.push(`docker-registry cannot run here, so neither dockerd nor podman race: ${String(error)}`);
    return undefined;
  }
}

async function debianDirectory(directory: string, source: string): Promise<string> {
  const target = join(directory, 'debian');
  await command([
    'skopeo',
    'copy',
    '--src-tls-verify=false',
    `docker://${source}/library/debian`,
    `dir:${target}`,
  ]);
  return target;
}

async function startDockerd(
  stack: AsyncDisposableStack,
  directory: string,
  runtime: string,
  registry: string,
): Promise<Engine> {
  const place = join(directory, 'dockerd');
  const socket = `unix://${place}.sock`;
  const tablesBefore = await firewallTables();
  const daemon = Bun.spawn(
    [
      'dockerd',
      '--data-root',
      `${place}/data`,
      '--exec-root',
      `${runtime}/dockerd`,
      '--pidfile',
      `${place}.pid`,
      '-H',
      socket,
    ],
    { stdio: ['ignore', 'ignore', Bun.file(`${place}.log`)] },
  );
  stack.defer(async () => {
    daemon.kill();
    await daemon.exited;
    await unmountBelow(place);
    Bun.spawnSync(['ip', 'link', 'delete', 'docker0'], { stderr: 'ignore' });
    for (const table of await firewallTables()) {
      if (!tablesBefore.includes(table)) Bun.spawnSync(['nft', 'delete', ...table.split(' ')]);
    }
  });
  const env = { DOCKER_HOST: socket, DOCKER_CONFIG: `${place}.config`, DOCKER_BUILDKIT: '0' };
  await until(async () => (await command(['docker', 'version'], env)) !== '');
  const containerd = Number(await Bun.file(`${runtime}/dockerd/containerd/containerd.pid`).text());
  return {
    name: 'dockerd',
    run: async (...args) => command(['docker', ...args], env),
    discard: async (...args) => discard(['docker', ...args], env),
    registry: `${registry}/`,
    daemonPids: async () => [daemon.pid, containerd],
  };
}

async function startPodman(
  stack: AsyncDisposableStack,
  directory: string,
  runtime: string,
  registry: string,
): Promise<Engine> {
  const place = join(directory, 'podman');
  const global = ['--root', `${place}/root`, '--runroot', `${runtime}/podman`, '--storage-driver', 'overlay'];
  const registries = join(directory, 'registries.conf');
  await Bun.write(registries, `[[registry]]\nlocation = "${registry}"\ninsecure = true\n`);
  const env = { CONTAINERS_REGISTRIES_CONF: registries, ...(await podmanEnvironment(directory)) };
  stack.defer(async () => unmountBelow(place));
  const run = async (...args: string[]): Promise<string> => command(['podman', ...global, ...args], env);
  await run('info');
  return {
    name: 'podman',
    run,
    discard: async (...args) => discard(['podman', ...global, ...args], env),
    registry: `${registry}/`,
    daemonPids: async () => [],
  };
}

async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await Bun.file('/proc/self/mountinfo').text())
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(directory)).toReversed())
    Bun.spawnSync(['umount', '-l', mount]);
}

/** `table ip nat` and so on. */
async function firewallTables(): Promise<string[]> {
  return (await command(['nft', 'list', 'tables'])).split('\n').filter(Boolean);
}
