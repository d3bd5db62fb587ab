/**
 * The clients that registries have, from the distribution's packages, each with a store of its own: all of them sign in, push an
 * image with a stamp in it, and pull one to read its stamp.
 */
import { expect } from 'bun:test';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finished, run } from '../../src/lib/subprocess.ts';
import { type Peer, startContainerd, startContainersTool, startDockerd, startSkopeo } from './peers.ts';

export interface RegistryClient {
  readonly name: string;
  /** @param secret a password, or an access token in place of it. */
  login(user: string, secret: string): Promise<void>;
  logout(): Promise<void>;
  /** Pushes an image that has `stamp` in its file /stamp. @param name with host and tag. */
  push(name: string, stamp: string): Promise<void>;
  /** Pulls what `push` has pushed, and gives its stamp. */
  pull(name: string): Promise<string>;
  /** A pull that may be refused. */
  attempt(name: string): Promise<Finished>;
}

export interface RegistryClients extends AsyncDisposable {
  readonly clients: readonly RegistryClient[];
  readonly skopeo: Peer;
  /** For what a test leaves on disk meanwhile. */
  readonly directory: string;
}

const plain = '--tls-verify=false';

export async function startRegistryClients(host: string): Promise<RegistryClients> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'cais-clients-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const skopeo = stack.use(await startSkopeo());
  const clients = [
    dockerClient(stack.use(await startDockerd()), host),
    podmanClient(stack.use(await startContainersTool('podman')), host),
    buildahClient(stack.use(await startContainersTool('buildah')), host, directory),
    skopeoClient(skopeo, host, directory),
    umociClient(skopeo, host, directory),
    ctrClient(stack.use(await startContainerd()), skopeo, directory),
  ];
  const started = stack.move();
  return { clients, skopeo, directory, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

function dockerClient(docker: Peer, host: string): RegistryClient {
  return {
    name: 'docker',
    login: async (user, secret) => void (await docker.run(['login', '-u', user, '-p', secret, host])),
    logout: async () => void (await docker.run(['logout', host])),
    async push(name, stamp) {
      await docker.run(['import', '-', name], await stampTar(stamp));
      await docker.run(['push', '-q', name]);
    },
    async pull(name) {
      await docker.attempt(['rmi', '-f', name]);
      await docker.run(['pull', '-q', name]);
      const container = await docker.run(['create', name, 'true']);
      try {
        return stampIn(Buffer.from(await docker.run(['cp', `${container}:/stamp`, '-']), 'latin1'));
      } finally {
        await docker.run(['rm', container]);
      }
    },
    attempt: (name) => docker.attempt(['pull', '-q', name]),
  };
}

function podmanClient(podman: Peer, host: string): RegistryClient {
  return {
    ...signedInBy(podman, host),
    async push(name, stamp) {
      await podman.run(['import', '-', name], await stampTar(stamp));
      await podman.run(['push', plain, name]);
    },
    async pull(name) {
      await podman.attempt(['rmi', '-f', name]);
      await podman.run(['pull', '-q', plain, name]);
      const root = await podman.run(['image', 'mount', name]);
      try {
        return await readFile(join(root, 'stamp'), 'utf8');
      } finally {
        await podman.run(['image', 'unmount', name]);
      }
    },
    attempt: (name) => podman.attempt(['pull', '-q', plain, name]),
  };
}

function buildahClient(buildah: Peer, host: string, directory: string): RegistryClient {
  return {
    ...signedInBy(buildah, host),
    async push(name, stamp) {
      const file = join(directory, 'stamp');
      await Bun.write(file, stamp);
      const container = await buildah.run(['from', 'scratch']);
      await buildah.run(['copy', container, file, '/stamp']);
      await buildah.run(['commit', '-q', '--rm', container, name]);
      await buildah.run(['push', '-q', plain, name]);
    },
    async pull(name) {
      await buildah.attempt(['rmi', '-f', name]);
      const container = await buildah.run(['from', '-q', plain, name]);
      try {
        return await readFile(join(await buildah.run(['mount', container]), 'stamp'), 'utf8');
      } finally {
        await buildah.run(['rm', container]);
      }
    },
    attempt: (name) => buildah.attempt(['pull', '-q', plain, name]),
  };
}

/** Copies between registries and directories: its image is of the parts in one. */
function skopeoClient(skopeo: Peer, host: string, directory: string): RegistryClient {
  return {
    ...signedInBy(skopeo, host),
    async push(name, stamp) {
      const layout = await stampLayout(directory, stamp);
      const format = ['--format=v2s2', '--dest-tls-verify=false'];
      await skopeo.run(['copy', '-q', ...format, `oci:${layout}:stamped`, `docker://${name}`]);
    },
    async pull(name) {
      const target = join(directory, crypto.randomUUID());
      await skopeo.run(['copy', '-q', '--src-tls-verify=false', `docker://${name}`, `dir:${target}`]);
      const { layers } = (await Bun.file(join(target, 'manifest.json')).json()) as {
        layers: { digest: string }[];
      };
      const [, hex = ''] = layers.at(-1)?.digest.split(':') ?? [];
      return stampIn(Bun.gunzipSync(await Bun.file(join(target, hex)).bytes()));
    },
    attempt: (name) =>
      skopeo.attempt([
        'copy',
        '-q',
        '--src-tls-verify=false',
        `docker://${name}`,
        `dir:${directory}/refused`,
      ]),
  };
}

/** Makes and unpacks OCI layouts; skopeo carries them. */
function umociClient(skopeo: Peer, host: string, directory: string): RegistryClient {
  const carried = skopeoClient(skopeo, host, directory);
  return {
    ...carried,
    name: 'umoci',
    async push(name, stamp) {
      const layout = await stampLayout(directory, stamp);
      await skopeo.run([
        'copy',
        '-q',
        '--dest-tls-verify=false',
        `oci:${layout}:stamped`,
        `docker://${name}`,
      ]);
    },
    async pull(name) {
      const layout = join(directory, crypto.randomUUID());
      await skopeo.run(['copy', '-q', '--src-tls-verify=false', `docker://${name}`, `oci:${layout}:pulled`]);
      await umoci('unpack', '--image', `${layout}:pulled`, `${layout}-bundle`);
      return readFile(`${layout}-bundle/rootfs/stamp`, 'utf8');
    },
  };
}

/** containerd's own client: it is told the name and the secret each time. */
function ctrClient(ctr: Peer, skopeo: Peer, directory: string): RegistryClient {
  let user: readonly string[] = [];
  const flags = (): readonly string[] => ['--plain-http', ...user];
  return {
    name: 'ctr',
    async login(name, secret) {
      user = ['--user', `${name}:${secret}`];
    },
    async logout() {
      user = [];
    },
    async push(name, stamp) {
      const archive = join(directory, `${crypto.randomUUID()}.tar`);
      const layout = await stampLayout(directory, stamp);
      await skopeo.run(['copy', '-q', `oci:${layout}:stamped`, `oci-archive:${archive}:${name}`]);
      await ctr.run(['images', 'import', '--no-unpack', '--all-platforms', archive]);
      await ctr.run(['images', 'push', ...flags(), name]);
    },
    async pull(name) {
      await ctr.attempt(['images', 'rm', '--sync', name]);
      await ctr.run(['images', 'pull', ...flags(), name]);
      const target = join(directory, crypto.randomUUID());
      await mkdir(target);
      await ctr.run(['images', 'mount', name, target]);
      try {
        return await readFile(join(target, 'stamp'), 'utf8');
      } finally {
        await ctr.run(['images', 'unmount', '--rm', target]);
      }
    },
    attempt: (name) => ctr.attempt(['images', 'pull', ...flags(), name]),
  };
}

function signedInBy(peer: Peer, host: string): Pick<RegistryClient, 'name' | 'login' | 'logout'> {
  return {
    name: peer.name,
    login: async (user, secret) => void (await peer.run(['login', plain, '-u', user, '-p', secret, host])),
    logout: async () => void (await peer.run(['logout', host])),
  };
}

async function stampTar(stamp: string): Promise<Uint8Array> {
  const root = await mkdtemp(join(tmpdir(), 'cais-stamp-'));
  try {
    await Bun.write(join(root, 'stamp'), stamp);
    return Bun.spawnSync(['tar', '-C', root, '-c', 'stamp']).stdout;
  } finally {
    await rm(root, { recursive: true });
  }
}

/** What a tar with one file has in it: 512 bytes of header, with the size in octal at 124. */
function stampIn(tar: Uint8Array): string {
  const text = Buffer.from(tar).toString('latin1');
  return text.slice(512, 512 + Number.parseInt(text.slice(124, 135), 8));
}

/** An OCI layout whose image `stamped` has one layer. */
async function stampLayout(directory: string, stamp: string): Promise<string> {
  const layout = join(directory, crypto.randomUUID());
  const file = `${layout}.stamp`;
  await Bun.write(file, stamp);
  await umoci('init', '--layout', layout);
  await umoci('new', '--image', `${layout}:stamped`);
  await umoci('insert', '--image', `${layout}:stamped`, file, '/stamp');
  return layout;
}

async function umoci(...args: string[]): Promise<void> {
  const { exitCode, stderr } = await run(['umoci', ...args]);
  if (exitCode !== 0) expect.unreachable(`umoci ${args.join(' ')}: exit ${exitCode}\n${stderr}`);
}
