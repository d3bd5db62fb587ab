/** The other engines, from the distribution's packages: each with a place of its own, ended by its process id. */
import { expect } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finished, run } from '../../src/lib/subprocess.ts';
import { podmanEnvironment } from './podman-config.ts';

/** An engine that images come from and go back to. */
export interface Peer extends AsyncDisposable {
  readonly name: string;
  /** Runs one of its commands and gives what it printed. Fails the test when the command fails. */
  run(args: readonly string[], input?: Uint8Array): Promise<string>;
  /** As `run`, for a command that may fail. */
  attempt(args: readonly string[], input?: Uint8Array): Promise<Finished>;
}

/** dockerd without networking, so that it leaves neither bridge nor firewall rules behind. @param flags further ones. */
export async function startDockerd(...flags: readonly string[]): Promise<Peer> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-dockerd-'));
  const socket = `unix://${directory}/docker.sock`;
  const daemon = Bun.spawn(
    [
      'dockerd',
      '--data-root',
      `${directory}/data`,
      '--exec-root',
      `${directory}/exec`,
      '--pidfile',
      `${directory}/pid`,
      '-H',
      socket,
      '--bridge=none',
      '--iptables=false',
      '--storage-driver=overlay2',
      ...flags,
    ],
    { stdin: 'ignore', stdout: 'ignore', stderr: Bun.file(`${directory}/log`) },
  );
  const peer = new CommandPeer(
    'docker',
    ['docker'],
    { DOCKER_HOST: socket, DOCKER_CONFIG: `${directory}/config` },
    async () => {
      daemon.kill('SIGTERM');
      await daemon.exited;
      unmountBelow(directory);
      await rm(directory, { recursive: true, force: true });
    },
  );
  const deadline = Date.now() + 60_000;
  while (
    Bun.spawnSync(['docker', '-H', socket, 'version'], { stdout: 'ignore', stderr: 'ignore' }).exitCode !== 0
  ) {
    if (Date.now() > deadline)
      expect.unreachable(`dockerd did not start: ${await Bun.file(`${directory}/log`).text()}`);
    await Bun.sleep(100);
  }
  return peer;
}

/** podman or buildah over a storage of its own. @param settings further variables of its environment. */
export async function startContainersTool(
  name: 'podman' | 'buildah',
  settings: Readonly<Record<string, string>> = {},
): Promise<Peer> {
  const directory = await mkdtemp(join(tmpdir(), `cais-${name}-`));
  const global = [
    '--root',
    `${directory}/root`,
    '--runroot',
    `${directory}/run`,
    '--storage-driver',
    'overlay',
  ];
  return new CommandPeer(
    name,
    [name, ...global],
    { REGISTRY_AUTH_FILE: `${directory}/auth.json`, ...(await podmanEnvironment(directory)), ...settings },
    async () => {
      unmountBelow(directory);
      await rm(directory, { recursive: true, force: true });
    },
  );
}

/** skopeo, which only copies; its sources and destinations are the test's. */
export async function startSkopeo(): Promise<Peer & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-skopeo-'));
  const peer = new CommandPeer(
    'skopeo',
    ['skopeo'],
    { REGISTRY_AUTH_FILE: `${directory}/auth.json` },
    async () => rm(directory, { recursive: true, force: true }),
  );
  return Object.assign(peer, { directory });
}

/** containerd with its client `ctr`. It only pulls, keeps and pushes here, so it needs none of its plugins for that. */
export async function startContainerd(): Promise<Peer> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-containerd-'));
  const socket = `${directory}/containerd.sock`;
  const config = [
    'version = 2',
    `root = "${directory}/root"`,
    `state = "${directory}/state"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    `[grpc]\naddress = "${socket}"`,
    `[ttrpc]\naddress = "${socket}.ttrpc"`,
  ];
  await Bun.write(`${directory}/config.toml`, `${config.join('\n')}\n`);
  const daemon = Bun.spawn(['containerd', '--config', `${directory}/config.toml`], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: Bun.file(`${directory}/log`),
  });
  const peer = new CommandPeer('ctr', ['ctr', '--address', socket], {}, async () => {
    daemon.kill('SIGTERM');
    await daemon.exited;
    unmountBelow(directory);
    await rm(directory, { recursive: true, force: true });
  });
  for (const deadline = Date.now() + 60_000; (await peer.attempt(['version'])).exitCode !== 0;) {
    if (Date.now() > deadline)
      expect.unreachable(`containerd did not start: ${await Bun.file(`${directory}/log`).text()}`);
    await Bun.sleep(100);
  }
  return peer;
}

function unmountBelow(directory: string): void {
  const script = `grep -o '${directory}[^ ]*' /proc/self/mountinfo | sort -ru | xargs -r umount`;
  Bun.spawnSync(['sh', '-c', script]);
}

class CommandPeer implements Peer {
  readonly name: string;
  readonly #argv: readonly string[];
  readonly #env: Record<string, string>;
  readonly #end: () => Promise<void>;

  constructor(name: string, argv: readonly string[], env: Record<string, string>, end: () => Promise<void>) {
    this.name = name;
    this.#argv = argv;
    this.#env = env;
    this.#end = end;
  }

  async run(args: readonly string[], input?: Uint8Array): Promise<string> {
    const { exitCode, stdout, stderr } = await this.attempt(args, input);
    if (exitCode !== 0) expect.unreachable(`${this.name} ${args.join(' ')}: exit ${exitCode}\n${stderr}`);
    return stdout.trim();
  }

  attempt(args: readonly string[], input?: Uint8Array): Promise<Finished> {
    const env = { ...process.env, ...this.#env };
    return run([...this.#argv, ...args], { env, ...(input && { input }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}
