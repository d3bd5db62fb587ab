/** `cais build --platform a,b`: one image for each, an index of them, and what of it is shared. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Descriptor } from '../../src/oci/image/descriptor.ts';
import type { ImageManifest } from '../../src/oci/image/manifest.ts';
import { BuildDirectory } from '../support/build-directory.ts';
import { FakeRegistry } from '../support/fake-registry.ts';

setDefaultTimeout(120_000);

let here: BuildDirectory;
beforeAll(async () => void (here = await BuildDirectory.open()));
afterAll(() => here?.[Symbol.asyncDispose]());

const both = '--platform=linux/amd64,linux/arm64';

/** Cross-compiling as people write it: the compiler runs here, its output is for the target. */
const crossing = `
FROM --platform=$BUILDPLATFORM busybox AS deps
RUN --network=none echo fetched once > /deps
FROM --platform=$BUILDPLATFORM busybox AS build
COPY --from=deps /deps /deps
ARG TARGETARCH
RUN --network=none echo "for $TARGETARCH" > /app
FROM scratch
COPY --from=build /app /deps /
ENTRYPOINT ["/app"]
`;

interface Index {
  readonly mediaType: string;
  readonly annotations?: Record<string, string>;
  readonly manifests: readonly Descriptor[];
}

describe('several platforms', () => {
  test('as files: a directory each; a stage that is bound to this machine is built once', async () => {
    expect(await here.files(crossing, both)).toEqual({
      'linux_amd64/app': 'for amd64\n',
      'linux_arm64/app': 'for arm64\n',
      'linux_amd64/deps': 'fetched once\n',
      'linux_arm64/deps': 'fetched once\n',
    });
    const { stderr } = await here.cais(
      'build',
      both,
      '--progress=plain',
      '--no-cache',
      '-o',
      'type=tar,dest=t.tar',
      'main',
    );
    // The name of a step comes again where its lines go on.
    const steps = [...new Set([...stderr.matchAll(/^#\d+ (\[.*)$/gm)].map(([, name]) => name))];
    expect(steps.filter((name) => name?.includes('fetched once'))).toEqual([
      '[linux/amd64 deps 2/2] RUN --network=none echo fetched once > /deps',
    ]);
    expect(
      steps.filter((name) => name?.includes('TARGETARCH')).toSorted((a = '', b = '') => a.localeCompare(b)),
    ).toEqual([
      '[linux/amd64 build 3/3] RUN --network=none echo "for $TARGETARCH" > /app',
      '[linux/amd64->arm64 build 3/3] RUN --network=none echo "for $TARGETARCH" > /app',
    ]);
    const listed = Bun.spawnSync(['tar', '-tf', join(here.path, 't.tar')]).stdout.toString();
    expect(
      listed
        .split('\n')
        .filter((name) => name.endsWith('app'))
        .toSorted(),
    ).toEqual(['linux_amd64/app', 'linux_arm64/app']);
  });

  test('as an OCI layout with an index; nothing of it stays in the engine', async () => {
    here.write('main/Dockerfile', crossing);
    const before = await here.imageIds();
    const annotations = [
      'index:a=1',
      'manifest[linux/arm64]:b=2',
      'manifest-descriptor:c=3',
      'index-descriptor:d=4',
      'e=5',
    ];
    const flags = annotations.flatMap((text) => ['--annotation', text]);
    const out = `type=oci,dest=${here.path}/layout.tar`;
    const { exitCode, stderr } = await here.cais('build', both, '-t', 'app:1', '-o', out, ...flags, 'main');
    expect([exitCode, stderr]).toEqual([0, expect.anything() as unknown as string]);
    mkdirSync(join(here.path, 'layout'));
    Bun.spawnSync(['tar', '-xf', join(here.path, 'layout.tar'), '-C', join(here.path, 'layout')]);
    const blob = ({ digest }: Descriptor): unknown =>
      JSON.parse(readFileSync(join(here.path, 'layout/blobs', digest.replace(':', '/')), 'utf8'));
    const root = JSON.parse(readFileSync(join(here.path, 'layout/index.json'), 'utf8')) as Index;
    expect(root.manifests).toHaveLength(1);
    expect(root.manifests[0]?.annotations).toMatchObject({
      d: '4',
      'org.opencontainers.image.ref.name': '1',
    });
    const index = blob(root.manifests[0] as Descriptor) as Index;
    expect(index.annotations).toEqual({ a: '1' });
    // Behind the images, what their builds say of each.
    const [images, attestations] = [index.manifests.slice(0, 2), index.manifests.slice(2)];
    expect(images.map(({ platform }) => platform?.architecture)).toEqual(['amd64', 'arm64']);
    expect(images.map((each) => each.annotations)).toEqual([{ c: '3' }, { c: '3' }]);
    expect(attestations.map((each) => each.annotations?.['vnd.docker.reference.digest'])).toEqual(
      images.map(({ digest }) => digest),
    );
    const manifests = images.map((each) => blob(each) as ImageManifest);
    expect(manifests.map((each) => each.annotations)).toEqual([{ e: '5' }, { b: '2', e: '5' }]);
    expect(manifests.map(({ config }) => (blob(config) as { architecture: string }).architecture)).toEqual([
      'amd64',
      'arm64',
    ]);
    expect(await here.imageIds()).toEqual(before);
  });

  test('are pushed as an index', async () => {
    await using registry = new FakeRegistry();
    here.write('main/Dockerfile', crossing);
    const name = `${registry.host}/app`;
    const before = await here.imageIds();
    const build = ['build', both, '-t', `${name}:1`, '--push', '--metadata-file', 'metadata.json', 'main'];
    const { exitCode, stderr } = await here.cais(...build);
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringContaining('linux/amd64, linux/arm64') as unknown as string,
    ]);
    const pushed = registry.manifests.get('app:1');
    const index = JSON.parse(Buffer.from(pushed?.bytes ?? []).toString()) as Index;
    expect(pushed?.mediaType).toBe('application/vnd.oci.image.index.v1+json');
    // Each with what its build says of it.
    expect(index.manifests.map(({ platform }) => platform?.architecture)).toEqual([
      'amd64',
      'arm64',
      'unknown',
      'unknown',
    ]);
    for (const { digest } of index.manifests) expect(registry.manifests.has(`app:${digest}`)).toBe(true);
    const metadata = JSON.parse(readFileSync(join(here.path, 'metadata.json'), 'utf8')) as Record<
      string,
      string
    >;
    expect(metadata['image.name']).toBe(`${name}:1`);
    expect(metadata['containerimage.digest']).toMatch(/^sha256:/);
    expect(await here.imageIds()).toEqual(before);
    // What is pushed is a base for either, and this machine's name stays this machine's.
    const pull = `FROM ${name}:1`;
    here.write('main/Dockerfile', pull);
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      await here.cais('build', '--platform', platform, '-t', `of:${platform.slice(6)}`, 'main');
    }
    const architecture = async (image: string) =>
      (await here.cais('inspect', '-f', '{{.Architecture}}', image)).stdout.trim();
    expect(await architecture('of:arm64')).toBe('arm64');
    expect(await architecture(`${name}:1`)).toBe('amd64');
  });

  test.each([
    [[both], 'the engine keeps images of one platform'],
    [[both, '--load'], 'the engine keeps images of one platform'],
    [
      [both, '-o', 'type=docker,dest=x.tar'],
      'docker exporter does not currently support exporting manifest lists',
    ],
    [['--platform', 'linux/amd64,nonsense'], 'unknown operating system or architecture'],
    [
      ['--annotation', 'index:a=1', '-o', 'type=oci,dest=x.tar'],
      'index annotations not supported for single platform export',
    ],
    [['--annotation', 'a'], 'invalid annotation "a", expected key=value'],
    [['--annotation', 'layer:a=b'], 'unknown annotation type "layer"'],
  ])('%p is refused', async (flags, message) => {
    here.write('main/Dockerfile', 'FROM scratch\nCOPY . /');
    const { stderr, exitCode } = await here.cais('build', ...flags, 'main');
    expect(stderr).toContain(message);
    expect(exitCode).not.toBe(0);
  });
});

describe('a platform that this machine is not', () => {
  // No machine that tests run on has a handler for its programs.
  const foreign = '--platform=linux/s390x';

  test('is built for where nothing has to run', async () => {
    expect(
      await here.files('FROM scratch\nCOPY Dockerfile /kept\nENV A=b\nWORKDIR /w', foreign),
    ).toHaveProperty('kept');
  });

  test('a command of its own is refused by name', async () => {
    here.write('main/Dockerfile', 'FROM scratch\nCOPY program /bin/sh\nRUN true');
    // An ELF header of s390x, and no more.
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x02\x02\x01', 'latin1');
    header.writeUInt16BE(2, 16);
    header.writeUInt16BE(22, 18);
    here.write('main/program', header.toString('latin1'));
    Bun.spawnSync(['chmod', '755', join(here.path, 'main/program')]);
    const { stderr, exitCode } = await here.cais('build', foreign, '--network=none', 'main');
    expect(stderr).toContain('this host cannot run linux/s390x');
    expect(exitCode).toBe(1);
  });
});
