/**
 * `manifest create|annotate|inspect|push|rm` against the hub, by docker's CLI and by ours: the same words, the same files,
 * the same list in the registry. Each goes on with what the other began.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/lib/subprocess.ts';
import { RegistryClient } from '../../src/oci/distribution/client.ts';
import { digestOf } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { signUp } from '../support/hub-account.ts';
import { caisBinary } from '../support/running-cais.ts';
import { type RunningHub, startHub } from '../support/running-hub.ts';

setDefaultTimeout(120_000);

const password = 'sail-to-the-quay-9';
const docker = ['/usr/local/bin/docker', '/usr/bin/docker'].find((path) => existsSync(path)) ?? 'docker';
const programs = { docker, cais: caisBinary };
type Program = keyof typeof programs;

let hub: RunningHub;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cais-manifests-'));
  hub = await startHub();
  await signUp(hub.url, 'alice', password);
  await putImage('alice/one', 'amd64', false);
  await putImage('alice/two', 'arm64', true);
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function registryOf(path: string) {
  const name = { domain: hub.host, path };
  const client = new RegistryClient(
    {
      endpoint: { domain: hub.host, origins: [new URL(hub.url)], insecure: true },
      credentials: { kind: 'password', username: 'alice', password },
    },
    ['pull', 'push'],
  );
  const put = async (bytes: Uint8Array<ArrayBuffer>) => {
    const digest = digestOf(bytes);
    const session = await client.startUpload(name);
    const next = await client.sendChunk(name, session, new Blob([bytes]).stream());
    await client.finishUpload(name, next, digest);
    return { size: bytes.length, digest };
  };
  return { name, client, put };
}

/** An image of one layer, with what a manifest list needs to know of it. */
async function putImage(path: string, architecture: string, isOci: boolean): Promise<void> {
  const { name, client, put } = registryOf(path);
  const layer = encode(`layer of ${path}`);
  const variant = architecture === 'arm64' && { variant: 'v8' };
  const rootfs = { type: 'layers', diff_ids: [digestOf(layer)] };
  const config = await put(encode({ architecture, os: 'linux', ...variant, config: {}, rootfs }));
  const mediaType = isOci ? mediaTypes.ociManifest : mediaTypes.dockerManifest;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: isOci ? mediaTypes.ociConfig : mediaTypes.dockerConfig, ...config },
    layers: [
      { mediaType: isOci ? mediaTypes.ociLayerGzip : mediaTypes.dockerLayerGzip, ...(await put(layer)) },
    ],
  };
  await client.putManifest(name, 'latest', mediaType, encode(manifest));
}

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(JSON.stringify(value)));
}

/** A directory with a config.json that alice has logged in with. */
function configDirectory(name: string): string {
  const path = join(directory, name);
  mkdirSync(path, { recursive: true });
  const auth = btoa(`alice:${password}`);
  writeFileSync(join(path, 'config.json'), JSON.stringify({ auths: { [hub.host]: { auth } } }));
  return path;
}

/** `@` stands for the hub's address. */
async function ask(program: Program, config: string, line: string) {
  const words = line.replaceAll('@', hub.host).split(' ');
  const { exitCode, stdout, stderr } = await run([programs[program], 'manifest', ...words], {
    env: {
      PATH: '/usr/bin:/bin',
      DOCKER_CONFIG: config,
      DOCKER_CLI_EXPERIMENTAL: 'enabled',
      CAIS_HUB: hub.url,
    },
  });
  return { line, exitCode, stdout, stderr };
}

const session = [
  'create --insecure @/alice/list:1 @/alice/one @/alice/two',
  'create --insecure @/alice/list:1 @/alice/one',
  'create --insecure --amend @/alice/list:1 @/alice/one',
  'create --insecure @/alice/other:1 @/alice/none',
  'create --insecure Bad @/alice/one',
  'create --insecure @/alice/other:1 Bad',
  'inspect @/alice/list:1',
  'inspect --verbose @/alice/list:1',
  'inspect @/alice/list:1 @/alice/two',
  'inspect --verbose @/alice/list:1 @/alice/one',
  'inspect @/alice/list:1 @/alice/none',
  'inspect --insecure @/alice/one',
  'inspect --insecure --verbose @/alice/two',
  'inspect --insecure @/alice/none',
  'annotate @/alice/list:1 @/alice/two --variant v7 --os-features a,b --os-version 1',
  'annotate @/alice/list:1 @/alice/two --arch nope',
  'annotate @/alice/list:1 @/alice/none --arch amd64',
  'push --insecure @/alice/list:1',
  'push --insecure --purge @/alice/list:1',
  'push --insecure @/alice/list:1',
  'inspect --insecure @/alice/list:1',
  'inspect --insecure --verbose @/alice/list:1',
  'create --insecure @/alice/other:1 @/alice/list:1',
  'create --insecure @/alice/other:2 @/alice/two @/alice/one',
  'rm @/alice/other:2',
  'rm @/alice/other:2 Bad',
];

describe.skipIf(!existsSync('/usr/local/bin/docker'))('docker 28 and cais', () => {
  test('say the same, word for word', async () => {
    const [dockers, ours] = [configDirectory('docker'), configDirectory('cais')];
    for (const line of session) {
      const expected = await ask('docker', dockers, line);
      expect(await ask('cais', ours, line)).toEqual(expected);
    }
  });

  test('keep the same files', async () => {
    const line = 'create --insecure @/alice/kept:1 @/alice/one @/alice/two';
    const [dockers, ours] = [configDirectory('docker-files'), configDirectory('cais-files')];
    await ask('docker', dockers, line);
    await ask('cais', ours, line);
    const filesOf = (config: string) =>
      new Map(
        readdirSync(join(config, 'manifests'), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ name, parentPath }) => {
            const path = join(parentPath, name);
            return [path.slice(config.length), readFileSync(path, 'utf8')] as const;
          }),
      );
    expect(filesOf(ours)).toEqual(filesOf(dockers));
    expect(filesOf(ours).size).toBe(2);
  });
});

test.each([
  ['docker', 'cais'],
  ['cais', 'docker'],
] as const)('what %s begins, %s pushes', async (first, second) => {
  const config = configDirectory(`${first}-first`);
  const list = `@/alice/${first}-list:1`;
  expect((await ask(first, config, `create --insecure ${list} @/alice/one @/alice/two`)).exitCode).toBe(0);
  expect((await ask(second, config, `annotate ${list} @/alice/two --variant v9`)).exitCode).toBe(0);
  const pushed = await ask(second, config, `push --insecure --purge ${list}`);
  expect(pushed).toMatchObject({ exitCode: 0, stderr: '' });
  const { stdout } = await ask(first, config, `inspect --insecure ${list}`);
  expect(JSON.parse(stdout)).toMatchObject({
    manifests: [
      { platform: { architecture: 'amd64' } },
      { platform: { architecture: 'arm64', variant: 'v9' } },
    ],
  });
});

test('an index with what is said of its images is told alike', async () => {
  const { name, client, put } = registryOf('alice/attested');
  const manifest = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: 'application/vnd.test+json',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', ...(await put(encode({}))) },
    layers: [{ mediaType: 'application/vnd.test+json', ...(await put(encode({ said: true }))) }],
  });
  await client.putManifest(name, digestOf(manifest), mediaTypes.ociManifest, manifest);
  const entry = { mediaType: mediaTypes.ociManifest, digest: digestOf(manifest), size: manifest.length };
  const platform = { architecture: 'unknown', os: 'unknown' };
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [{ ...entry, platform }],
  };
  await client.putManifest(name, 'latest', mediaTypes.ociIndex, encode(index));
  const config = configDirectory('attested');
  const [ours, dockers] = [
    await ask('cais', config, 'inspect --insecure @/alice/attested'),
    await ask('docker', config, 'inspect --insecure @/alice/attested'),
  ];
  expect(ours).toEqual(dockers);
  expect(JSON.parse(ours.stdout)).toMatchObject({ manifests: [{ platform }] });
});

test('docker.io is the hub', async () => {
  const config = join(directory, 'hub');
  mkdirSync(config);
  const auth = btoa(`alice:${password}`);
  writeFileSync(
    join(config, 'config.json'),
    JSON.stringify({ auths: { 'https://index.docker.io/v1/': { auth } } }),
  );
  expect(await ask('cais', config, 'create alice/named:1 alice/one alice/two')).toMatchObject({
    exitCode: 0,
    stdout: 'Created manifest list docker.io/alice/named:1\n',
  });
  expect(await ask('cais', config, 'push alice/named:1')).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await ask('cais', config, 'inspect alice/named:1')).stdout).toContain('"arm64"');
});
