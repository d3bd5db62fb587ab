/**
 * Images as they come from others: written by docker, podman, buildah and skopeo, pulled from the hub that they pushed
 * to, run, pushed back untouched, changed, committed, and run by those tools again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Peer, startContainersTool, startDockerd, startSkopeo } from '../support/peers.ts';
import { runClient, type RunningCais, startCais } from '../support/running-cais.ts';
import { sessionOf, signUp, tokenFor } from '../support/hub-account.ts';
import { busyboxTar } from '../support/busybox-tar.ts';

const password = 'sail-to-the-quay-9';
let cais: RunningCais;
let docker: Peer;
let podman: Peer;
let buildah: Peer;
let skopeo: Peer & { readonly directory: string };

const run = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runClient(cais, 'cais', args);
  if (exitCode !== 0) expect.unreachable(`cais ${args.join(' ')}: exit ${exitCode}: ${stderr}`);
  return stdout.trim();
};

beforeAll(async () => {
  cais = await startCais();
  await signUp(cais.hubUrl, 'alice', password);
  await runClient(cais, 'cais', ['login', '-u', 'alice', '--password-stdin'], { input: password });
  await runClient(cais, 'cais', ['login', '-u', 'alice', '--password-stdin', cais.hubHost], {
    input: password,
  });
  docker = await startDockerd();
  podman = await startContainersTool('podman');
  buildah = await startContainersTool('buildah');
  skopeo = await startSkopeo();
  await docker.run(['login', '-u', 'alice', '-p', password, cais.hubHost]);
  for (const tool of [podman, buildah, skopeo]) {
    await tool.run(['login', '--tls-verify=false', '-u', 'alice', '-p', password, cais.hubHost]);
  }
}, 120_000);

afterAll(async () => {
  for (const owner of [docker, podman, buildah, skopeo, cais]) await owner?.[Symbol.asyncDispose]();
}, 300_000);

/** How each tool makes an image of a busybox and pushes it under this name. */
const writers: Record<string, (name: string) => Promise<void>> = {
  async docker(name) {
    await docker.run(['import', '-c', 'CMD ["sh"]', '-', name], await busyboxTar());
    await docker.run(['push', name]);
  },
  async podman(name) {
    await podman.run(['import', '-c', 'CMD=["sh"]', '-', name], await busyboxTar());
    await podman.run(['push', '--tls-verify=false', name]);
  },
  async buildah(name) {
    await Bun.write(`${skopeo.directory}/busybox.tar`, await busyboxTar());
    const container = await buildah.run(['from', 'scratch']);
    await buildah.run(['add', container, `${skopeo.directory}/busybox.tar`, '/']);
    await buildah.run(['config', '--cmd', 'sh', '--label', 'made=by buildah', container]);
    await buildah.run(['commit', '--rm', container, name]);
    await buildah.run(['push', '--tls-verify=false', name]);
  },
  async skopeo(name) {
    await docker.run(['import', '-c', 'CMD ["sh"]', '-', 'for-skopeo:1'], await busyboxTar());
    await docker.run(['save', '-o', `${skopeo.directory}/image.tar`, 'for-skopeo:1']);
    await skopeo.run([
      'copy',
      '--format=oci',
      '--dest-compress-format=zstd',
      '--dest-tls-verify=false',
      `docker-archive:${skopeo.directory}/image.tar`,
      `docker://${name}`,
    ]);
  },
};

/** How an image is run by the tool again; buildah and skopeo do not run images, podman shares their format. */
const runners: Record<string, (name: string, ...command: string[]) => Promise<string>> = {
  async docker(name, ...command) {
    await docker.run(['pull', '-q', name]);
    return docker.run(['run', '--rm', '--network=none', name, ...command]);
  },
  async podman(name, ...command) {
    await podman.run(['pull', '-q', '--tls-verify=false', name]);
    return podman.run(['run', '--rm', '--network=none', name, ...command]);
  },
  async buildah(name, ...command) {
    const container = await buildah.run(['from', '--tls-verify=false', name]);
    const output = await buildah.run(['run', '--network=none', container, '--', ...command]);
    await buildah.run(['rm', container]);
    return output;
  },
  async skopeo(name, ...command) {
    const archive = `${skopeo.directory}/copy-${crypto.randomUUID()}.tar`;
    const copied = 'docker.io/library/copied:1';
    await skopeo.run([
      'copy',
      '--src-tls-verify=false',
      `docker://${name}`,
      `oci-archive:${archive}:${copied}`,
    ]);
    await podman.run(['load', '-i', archive]);
    return podman.run(['run', '--rm', '--network=none', copied, ...command]);
  },
};

for (const [tool, write] of Object.entries(writers)) {
  describe(`an image written by ${tool}`, () => {
    const repository = `alice/from-${tool}`;
    const again = `alice/again-${tool}`;

    test('is pulled and runs', async () => {
      await write(`${cais.hubHost}/${repository}:1`);
      await run('pull', `${repository}:1`);
      expect(await run('run', '--rm', `${repository}:1`, 'echo', `hello from ${tool}`)).toBe(
        `hello from ${tool}`,
      );
    }, 300_000);

    test('goes back byte for byte when nothing changed', async () => {
      await run('tag', `${repository}:1`, `${again}:1`);
      await run('push', `${again}:1`);
      expect(await manifestOf(again, '1')).toBe(await manifestOf(repository, '1'));
    });

    test(`is changed, committed, pushed, and run by ${tool} again`, async () => {
      const id = await run(
        'run',
        '-d',
        `${repository}:1`,
        'sh',
        '-c',
        'echo changed > /etc/motd; rm /etc/gone; mkdir /new; chmod 1777 /new; ln /etc/motd /etc/motd2',
      );
      await run('wait', id);
      await run('commit', '-m', 'changed by cais', '-c', 'ENV MADE=here', id, `${again}:2`);
      await run('rm', id);
      await run('push', `${again}:2`);
      const script = 'cat /etc/motd2; test -e /etc/gone || echo gone; stat -c %a /new; stat -c %h /etc/motd';
      const output = await runners[tool]?.(`${cais.hubHost}/${again}:2`, 'sh', '-c', script);
      expect(output).toBe('changed\ngone\n1777\n2');
    }, 300_000);

    test('keeps its base layer in what was committed', async () => {
      const base = await layersOf(repository, '1');
      const committed = await layersOf(again, '2');
      expect(committed.slice(0, base.length)).toEqual(base);
      expect(committed).toHaveLength(base.length + 1);
    });
  });
}

test('the pages list what every tool pushed', async () => {
  const token = await sessionOf(cais.hubUrl, 'alice', password);
  const answer = await fetch(`${cais.hubUrl}/v2/namespaces/alice/repositories?page_size=100`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  const page = (await answer.json()) as { results: { name: string }[] };
  const names = page.results.map((repository) => repository.name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(writers).map((tool) => `from-${tool}`)));
});

async function manifestOf(repository: string, tag: string): Promise<string> {
  const token = await tokenFor(cais.hubUrl, 'alice', password, `repository:${repository}:pull`);
  const answer = await fetch(`${cais.hubUrl}/v2/${repository}/manifests/${tag}`, {
    headers: {
      Authorization: `Bearer ${token}`,
      Accept:
        'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
    },
  });
  expect(answer.status).toBe(200);
  return answer.text();
}

async function layersOf(repository: string, tag: string): Promise<string[]> {
  const manifest = JSON.parse(await manifestOf(repository, tag)) as { layers: { digest: string }[] };
  return manifest.layers.map((layer) => layer.digest);
}
