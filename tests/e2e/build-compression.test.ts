/** `compression=…` of --output and --push: the form of layers that leave the engine, read by skopeo and by another engine. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../src/oci/image/digest.ts';
import type { ImageManifest } from '../../src/oci/image/manifest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { BuildDirectory } from '../support/build-directory.ts';
import { FakeRegistry } from '../support/fake-registry.ts';

setDefaultTimeout(120_000);

let here: BuildDirectory;
beforeAll(async () => void (here = await BuildDirectory.open()));
afterAll(() => here?.[Symbol.asyncDispose]());

function dockerfile(name: string): void {
  here.write(
    `${name}/Dockerfile`,
    `FROM busybox\nRUN --network=none echo ${name} > /${name}\nCMD cat /${name}\n`,
  );
}

async function built(...words: readonly string[]): Promise<string> {
  const { stderr, exitCode } = await here.cais('build', ...words);
  expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
  return stderr;
}

/** The manifest in an archive that is an OCI layout, with the types of what it names. */
async function unpacked(
  file: string,
): Promise<{ readonly manifest: ImageManifest; readonly types: readonly string[] }> {
  const directory = join(here.path, `${file}.d`);
  mkdirSync(directory, { recursive: true });
  await Bun.spawn(['tar', '-xf', join(here.path, file), '-C', directory]).exited;
  const blob = (digest: string): Buffer =>
    readFileSync(join(directory, 'blobs/sha256', digest.slice('sha256:'.length)));
  const index = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as {
    manifests: { digest: string; mediaType: string }[];
  };
  const [root] = index.manifests;
  const manifest = JSON.parse(blob(root?.digest ?? '').toString()) as ImageManifest;
  for (const { digest, size } of manifest.layers) {
    const bytes = blob(digest);
    expect([String(digestOf(bytes)), bytes.length]).toEqual([digest, size]);
  }
  return { manifest, types: manifest.layers.map(({ mediaType }) => mediaType) };
}

test.each([
  ['zstd', mediaTypes.ociLayerZstd],
  ['gzip', mediaTypes.ociLayerGzip],
  ['uncompressed', mediaTypes.ociLayer],
])('type=oci,compression=%s is what a reader of layouts takes', async (compression, type) => {
  dockerfile(compression);
  const file = `${compression}.tar`;
  await built(
    '-t',
    `${compression}:1`,
    '-o',
    `type=oci,dest=${file},compression=${compression}`,
    compression,
  );
  const { types } = await unpacked(file);
  expect(new Set(types)).toEqual(new Set([type]));
  const inspected = Bun.spawn(['skopeo', 'inspect', `oci-archive:${join(here.path, file)}:1`], {
    stdout: 'pipe',
  });
  expect(JSON.parse(await new Response(inspected.stdout).text())).toMatchObject({ Os: 'linux' });
  await here.cais('load', '-q', '-i', file);
  const { stdout } = await here.cais('run', '--rm', '--network=none', `${compression}:1`);
  expect(stdout).toBe(`${compression}\n`);
});

test('the same layers have the same bytes at the same level, and others at another', async () => {
  dockerfile('level');
  const digestsAt = async (level: number): Promise<string[]> => {
    const file = `level-${level}.tar`;
    await built('-o', `type=oci,dest=${file},compression=zstd,compression-level=${level}`, 'level');
    return (await unpacked(file)).manifest.layers.map(({ digest }) => digest);
  };
  const [low, high, again] = [await digestsAt(1), await digestsAt(19), await digestsAt(1)];
  expect(again).toEqual(low);
  expect(high).not.toEqual(low);
});

test('docker’s archive has them, too, in an OCI manifest where that is needed or asked for', async () => {
  dockerfile('archive');
  await built('-t', 'archive:1', '-o', 'type=docker,dest=docker.tar,compression=zstd', 'archive');
  const { manifest, types } = await unpacked('docker.tar');
  expect(manifest.mediaType).toBe(mediaTypes.ociManifest);
  expect(new Set(types)).toEqual(new Set([mediaTypes.ociLayerZstd]));
  await built('-t', 'archive:1', '-o', 'type=docker,dest=oci.tar,oci-mediatypes=true', 'archive');
  expect((await unpacked('oci.tar')).manifest.mediaType).toBe(mediaTypes.ociManifest);
  await built('-t', 'archive:1', '-o', 'type=docker,dest=plain.tar,compression=gzip', 'archive');
  expect((await unpacked('plain.tar')).manifest.mediaType).toBe(mediaTypes.dockerManifest);
});

test('a push sends what was asked for; the next one without a word sends gzip as ever', async () => {
  dockerfile('pushed');
  await using registry = new FakeRegistry();
  const name = `${registry.url.host}/app/pushed:1`;
  const typesAt = (): readonly string[] => {
    const manifest = registry.manifests.get('app/pushed:1');
    const parsed = JSON.parse(new TextDecoder().decode(manifest?.bytes)) as ImageManifest;
    return [...new Set(parsed.layers.map(({ mediaType }) => mediaType))];
  };
  await built('-t', name, '-o', 'type=registry,compression=zstd,force-compression=true', 'pushed');
  expect(typesAt()).toEqual([mediaTypes.ociLayerZstd]);
  await built('-t', name, '-o', 'type=registry,oci-mediatypes=true', 'pushed');
  expect(typesAt()).toEqual([mediaTypes.ociLayerGzip]);
});

test('what says nothing, or cannot be, is told', async () => {
  dockerfile('bad');
  const refused = async (output: string): Promise<string> => {
    const { exitCode, stderr } = await here.cais('build', '-o', output, 'bad');
    expect(exitCode).toBe(1);
    return stderr;
  };
  expect(await refused('type=oci,dest=x.tar,compression=lzma')).toContain(
    'unsupported layer compression type lzma',
  );
  expect(await refused('type=oci,dest=x.tar,compression=zstd,compression-level=23')).toContain(
    'zstd has 0 to 22',
  );
  expect(await refused('type=oci,dest=x.tar,oci-mediatypes=false')).toContain('use type=docker');
  expect(await built('-t', 'bad:1', '-o', 'type=image,compression=zstd', 'bad')).toContain(
    'compression is of layers that leave the engine',
  );
});

test('a level that the type does not have is refused by the engine, too', async () => {
  const refused = async (type: string, level: number): Promise<unknown> => {
    const body = { images: [], compression: { type, level, isForced: false } };
    const answer = await here.engine.call('POST', '/cais/image-sets/save', body);
    return [answer.status, answer.body.message];
  };
  expect(await refused('gzip', 22)).toEqual([400, 'compression-level 22 is out of range: gzip has 0 to 9']);
  expect(await refused('zstd', 23)).toEqual([400, 'compression-level 23 is out of range: zstd has 0 to 22']);
  expect(await refused('uncompressed', 1)).toEqual([
    400,
    'compression-level needs compression=gzip or compression=zstd',
  ]);
});
