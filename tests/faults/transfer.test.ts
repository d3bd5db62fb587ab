/** Pulls and pushes over a bad network, from a lying registry, of hostile layers, onto a full disk. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Digest, digestOf } from '../../src/oci/image/digest.ts';
import type { Finished } from '../../src/lib/subprocess.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { cutAfter, startHubProxy, withFlippedBit } from '../support/hub-proxy.ts';
import { caisBinary, runClient, type RunningCais, startCais } from '../support/running-cais.ts';
import { signUp, tokenFor } from '../support/hub-account.ts';

let cais: RunningCais;

beforeAll(async () => {
  cais = await startCais({ seed: true });
  await signUp(cais.hubUrl, 'alice', 'sail-to-the-quay-9');
  await runClient(cais, 'cais', ['login', '-u', 'alice', '--password-stdin'], {
    input: 'sail-to-the-quay-9',
  });
}, 300_000);
afterAll(async () => cais?.[Symbol.asyncDispose]());

const isBlob = (request: Request): boolean => request.method === 'GET' && request.url.includes('/blobs/');

for (const tool of ['cais', 'docker']) {
  const client = async (...args: string[]): Promise<Finished> => runClient(cais, tool, args);
  const images = async (): Promise<string> => (await client('images', '-q')).stdout;
  const cut = `alice/cut-${tool}`;

  describe(`${tool} pull`, () => {
    test('of bytes that are not what their digest says is refused, and nothing is kept', async () => {
      await using proxy = startHubProxy(cais.hubUrl, (request, body) =>
        isBlob(request) ? withFlippedBit(body) : body,
      );
      const result = await client('pull', `${proxy.host}/library/busybox`);
      expect(result).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/digest|corrupt|checksum|invalid/i),
      });
      expect(await images()).toBe('');
    });

    test('over a connection that breaks goes on where it broke', async () => {
      let cuts = 0;
      await using proxy = startHubProxy(cais.hubUrl, (request, body) =>
        isBlob(request) && cuts++ < 2 ? cutAfter(body, 300_000) : body,
      );
      const result = await client('pull', `${proxy.host}/library/busybox`);
      expect(result.exitCode).toBe(0);
      expect(cuts).toBeGreaterThan(2);
      await client('rmi', `${proxy.host}/library/busybox`);
    });

    test('of one image twice at once downloads each blob once', async () => {
      await using proxy = startHubProxy(cais.hubUrl);
      const name = `${proxy.host}/library/debian`;
      const results = await Promise.all([client('pull', name), client('pull', name)]);
      expect(results.map((result) => result.exitCode)).toEqual([0, 0]);
      const blobs = proxy.requests.filter(
        (request) => request.startsWith('GET') && request.includes('/blobs/'),
      );
      expect(blobs.toSorted()).toEqual([...new Set(blobs)].toSorted());
      await client('rmi', name);
    });

    test('of a hub that is down says so', async () => {
      const result = await client('pull', '127.0.0.1:1/x/y');
      expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/connect|refused/i) });
    });
  });

  describe(`${tool} pull of a layer that`, () => {
    const hostile: [what: string, layer: () => Promise<Buffer>, error: RegExp][] = [
      [
        'is no gzip inside',
        async () => Buffer.concat([gzipSync('x'.repeat(5000)).subarray(0, 30), Buffer.alloc(200, 7)]),
        /gzip|decompress|corrupt|invalid|unexpected|incorrect/i,
      ],
      [
        'climbs out of its root',
        async () => gzipSync(await tarOf('../../../../escaped')),
        /escape|outside|breakout|root|\.\./i,
      ],
    ];
    for (const [what, layer, error] of hostile) {
      test(`${what} is refused, and nothing is kept`, async () => {
        const name = `alice/hostile-${tool}-${hostile.findIndex(([other]) => other === what)}`;
        await pushImage(name, await layer());
        const result = await client('pull', name);
        expect(result.exitCode).toBe(1);
        expect(result.stderr).toMatch(error);
        expect(await images()).toBe('');
        expect(await Bun.file('/escaped').exists()).toBe(false);
      });
    }
  });

  describe(`${tool} push`, () => {
    test('that is cut off leaves nothing visible, and succeeds when repeated', async () => {
      await client('pull', 'debian');
      const made = await client('run', 'debian', 'sh', '-c', 'head -c 20000000 /dev/urandom > /big');
      expect(made.exitCode).toBe(0);
      const id = (await client('ps', '-aq')).stdout.trim();
      await client('commit', id, `${cut}:1`);
      await client('rm', id);
      const push = Bun.spawn([tool === 'cais' ? caisBinary : 'docker', 'push', `${cut}:1`], {
        env: cais.clientEnv,
        stdout: 'ignore',
        stderr: 'ignore',
      });
      await Bun.sleep(250);
      push.kill('SIGKILL');
      await push.exited;
      await cais.killHard();
      await cais.restart();
      expect(
        (await fetch(`${cais.hubUrl}/v2/namespaces/alice/repositories/${cut.split('/')[1]}/tags`)).status,
      ).toBe(404);
      expect(await client('push', `${cut}:1`)).toMatchObject({ exitCode: 0 });
      expect(
        (await fetch(`${cais.hubUrl}/v2/namespaces/alice/repositories/${cut.split('/')[1]}/tags`)).status,
      ).toBe(200);
      await client('rmi', `${cut}:1`, 'debian');
    }, 300_000);

    test('without rights is denied', async () => {
      await client('pull', 'busybox');
      await client('tag', 'busybox', 'bob/app');
      expect(await client('push', 'bob/app')).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/denied/),
      });
      await client('rmi', 'bob/app', 'busybox');
    });
  });

  describe(`${tool} on a full disk`, () => {
    test('fails the pull with a message, keeps nothing of it, and the engine goes on', async () => {
      const disk = await mkdtemp(join(tmpdir(), 'cais-small-disk-'));
      Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', disk]);
      try {
        await using small = await startCais({ dataDirectory: disk });
        await using proxy = startHubProxy(cais.hubUrl);
        const failed = await runClient(small, tool, ['pull', `${proxy.host}/library/debian`]);
        expect(failed).toMatchObject({
          exitCode: 1,
          stderr: expect.stringMatching(/no space left on device/i),
        });
        expect((await runClient(small, tool, ['images', '-q'])).stdout).toBe('');
        const used = Bun.spawnSync(['df', '--output=used', '-k', disk]).stdout.toString().split('\n')[1];
        expect(Number(used)).toBeLessThan(10_000);
        const works = await runClient(small, tool, [
          'run',
          '--rm',
          `${proxy.host}/library/busybox`,
          'echo',
          'fine',
        ]);
        expect(works.stdout).toBe('fine\n');
      } finally {
        Bun.spawnSync(['umount', disk]);
        await rm(disk, { recursive: true, force: true });
      }
    }, 300_000);
  });
}

/** A tar with one file of this name, made by GNU tar, which would otherwise take the dots away. */
async function tarOf(name: string): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-tar-'));
  await Bun.write(join(directory, 'file'), 'escaped');
  const tar = Bun.spawnSync([
    'tar',
    '-C',
    directory,
    '-P',
    '--transform',
    `s,^file$,${name},`,
    '-cf',
    '-',
    'file',
  ]).stdout;
  await rm(directory, { recursive: true });
  return tar;
}

/** Puts an image with this one layer into the hub over HTTP, as no honest client would. */
async function pushImage(name: string, layer: Buffer): Promise<void> {
  const token = await tokenFor(cais.hubUrl, 'alice', 'sail-to-the-quay-9', `repository:${name}:pull,push`);
  const headers = { Authorization: `Bearer ${token}` };
  const put = async (bytes: Buffer): Promise<{ digest: Digest; size: number }> => {
    const digest = digestOf(bytes);
    const url = `${cais.hubUrl}/v2/${name}/blobs/uploads/?digest=${digest}`;
    expect((await fetch(url, { method: 'POST', headers, body: new Uint8Array(bytes) })).status).toBe(201);
    return { digest, size: bytes.length };
  };
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digestOf('any')] },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, ...(await put(Buffer.from(JSON.stringify(config)))) },
    layers: [{ mediaType: mediaTypes.ociLayerGzip, ...(await put(layer)) }],
  };
  const answer = await fetch(`${cais.hubUrl}/v2/${name}/manifests/latest`, {
    method: 'PUT',
    headers: { ...headers, 'Content-Type': mediaTypes.ociManifest },
    body: JSON.stringify(manifest),
  });
  expect(answer.status).toBe(201);
}
