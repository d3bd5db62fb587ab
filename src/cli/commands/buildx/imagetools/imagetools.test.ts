import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeRegistry } from '../../../../../tests/support/fake-registry.ts';
import { attestationManifest } from '../../../../oci/attestation/attestation-manifest.ts';
import { predicateTypes } from '../../../../oci/attestation/statement.ts';
import { type Digest, digestOf } from '../../../../oci/image/digest.ts';
import { mediaTypes } from '../../../../oci/image/media-type.ts';
import { runAgainstFake } from '../../../testing/fake-engine.ts';

let registry: FakeRegistry;
let other: FakeRegistry;
/** The digests of alice/one (amd64), alice/two (arm64), and of the index of both, alice/both. */
let one: Digest;
let two: Digest;
let both: Digest;
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'imagetools-'));
  registry = new FakeRegistry();
  other = new FakeRegistry();
  one = registry.addImage('alice/one', 'latest', [Buffer.from('one')]).manifest;
  two = registry.addImage('alice/two', 'latest', [Buffer.from('two')], {
    architecture: 'arm64',
    variant: 'v8',
  }).manifest;
  registry.addImage('alice/both', '1', [Buffer.from('one')]);
  registry.addImage('alice/both', '2', [Buffer.from('two')], { architecture: 'arm64', variant: 'v8' });
  const said = attestationManifest(
    [{ type: predicateTypes.spdx, text: '{"name":"packages"}' }],
    entryOf('alice/both', one),
    [],
  );
  for (const { bytes } of said.blobs) registry.addBlob('alice/both', bytes);
  registry.manifests.set(`alice/both:${said.digest}`, said);
  both = registry.addManifest('alice/both', 'latest', mediaTypes.ociIndex, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [
      { ...entryOf('alice/both', one), platform: { architecture: 'amd64', os: 'linux' } },
      { ...entryOf('alice/both', two), platform: { architecture: 'arm64', os: 'linux', variant: 'v8' } },
      said.descriptor,
    ],
  });
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

/** As an index would name it. */
function entryOf(repository: string, digest: Digest) {
  const { bytes, mediaType } = manifestOf(registry, repository, digest);
  return { mediaType, digest, size: bytes.byteLength };
}

function manifestOf({ manifests }: FakeRegistry, repository: string, reference: string) {
  return manifests.get(`${repository}:${reference}`) ?? expect.unreachable(`${repository}:${reference}`);
}

/** `@` stands for the registry, `#` for the other one. */
async function ask(...words: readonly string[]): Promise<string> {
  const argv = words.map((word) => word.replace(/^@/, registry.host).replace(/^#/, other.host));
  const { exitCode, stdout, stderr } = await runAgainstFake(['buildx', 'imagetools', ...argv]);
  return exitCode === 0 ? stdout : `exit ${exitCode}: ${stderr}`;
}

async function askJson(...words: readonly string[]): Promise<unknown> {
  return JSON.parse(await ask(...words));
}

describe('imagetools inspect', () => {
  test('an image', async () => {
    expect(await ask('inspect', '@/alice/one')).toBe(
      `Name:      ${registry.host}/alice/one:latest\nMediaType: ${mediaTypes.ociManifest}\nDigest:    ${one}\n`,
    );
  });

  test('an index, with what its entries say', async () => {
    const name = `${registry.host}/alice/both:latest`;
    const text = await ask('inspect', '@/alice/both');
    expect(text).toStartWith(
      [
        `Name:      ${name}`,
        `MediaType: ${mediaTypes.ociIndex}`,
        `Digest:    ${both}`,
        '           ',
        'Manifests: ',
        `  Name:        ${name}@${one}`,
        `  MediaType:   ${mediaTypes.ociManifest}`,
        '  Platform:    linux/amd64',
        '               ',
        `  Name:        ${name}@${two}`,
        `  MediaType:   ${mediaTypes.ociManifest}`,
        '  Platform:    linux/arm64/v8',
        '',
      ].join('\n'),
    );
    expect(text).toEndWith(
      `  Annotations: \n    vnd.docker.reference.digest: ${one}\n    vnd.docker.reference.type:   attestation-manifest\n`,
    );
  });

  test('--raw is the bytes', async () => {
    expect(digestOf(Buffer.from(await ask('inspect', '--raw', '@/alice/both')))).toBe(both);
  });

  test('--format: names, manifests, configurations and attestations', async () => {
    expect(await ask('inspect', '--format', '{{.Name}} {{.Manifest.Digest}}', '@/alice/one')).toBe(
      `${registry.host}/alice/one ${one}`,
    );
    expect(await ask('inspect', '--format', '{{json .Manifest}}', '@/alice/one')).toBe(
      JSON.stringify(entryOf('alice/one', one), undefined, 2),
    );
    const manifest = await askJson('inspect', '--format', '{{json .Manifest}}', '@/alice/both');
    expect(manifest).toMatchObject({
      mediaType: mediaTypes.ociIndex,
      digest: both,
      manifests: [{ digest: one }, {}, {}],
    });
    expect(await askJson('inspect', '--format', '{{json .Image}}', '@/alice/one')).toMatchObject({
      architecture: 'amd64',
    });
    expect(await askJson('inspect', '--format', '{{json .Image}}', '@/alice/both')).toMatchObject({
      'linux/amd64': { architecture: 'amd64' },
      'linux/arm64': { architecture: 'arm64', variant: 'v8' },
    });
    expect(await askJson('inspect', '--format', '{{json .SBOM}}', '@/alice/both')).toEqual({
      'linux/amd64': { SPDX: { name: 'packages' } },
    });
    expect(await ask('inspect', '--format', '{{json .Provenance}}', '@/alice/one')).toBe('{}');
    expect(
      Object.keys((await askJson('inspect', '--format', '{{json .}}', '@/alice/one')) as object),
    ).toEqual(['name', 'manifest', 'image']);
  });

  test('what is not there', async () => {
    expect(await ask('inspect', '@/alice/none')).toBe(
      `exit 1: no such manifest: ${registry.host}/alice/none:latest\n`,
    );
  });
});

describe('imagetools create', () => {
  test('makes an index of images, which come into its repository', async () => {
    expect(await ask('create', '-t', '@/alice/new:1', '@/alice/one', '@/alice/two')).toBe('');
    const { bytes, mediaType } = manifestOf(registry, 'alice/new', '1');
    expect(mediaType).toBe(mediaTypes.ociIndex);
    expect(Buffer.from(bytes).toString()).toBe(
      JSON.stringify(
        {
          schemaVersion: 2,
          mediaType,
          manifests: [
            { ...entryOf('alice/one', one), platform: { architecture: 'amd64', os: 'linux' } },
            { ...entryOf('alice/two', two), platform: { architecture: 'arm64', os: 'linux' } },
          ],
        },
        undefined,
        2,
      ),
    );
    const { config } = JSON.parse(Buffer.from(manifestOf(registry, 'alice/new', two).bytes).toString()) as {
      config: { digest: Digest };
    };
    expect(registry.blob('alice/new', config.digest)).toBeDefined();
  });

  test('of an index, its images alone come into the repository', async () => {
    await ask('create', '-t', '@/alice/more', '@/alice/both', '@/alice/one');
    expect(registry.manifests.has(`alice/more:${two}`)).toBe(true);
    expect(registry.manifests.has(`alice/more:${both}`)).toBe(false);
  });

  test('an index goes as it is, to another registry, with its attestations', async () => {
    await ask('create', '-t', '#/bob/copy', '@/alice/both');
    expect(digestOf(manifestOf(other, 'bob/copy', 'latest').bytes)).toBe(both);
    expect(await askJson('inspect', '--format', '{{json .SBOM}}', '#/bob/copy')).toMatchObject({
      'linux/amd64': { SPDX: {} },
    });
  });

  test('--append, --prefer-index=false, --annotation, digests alone', async () => {
    await ask('create', '--prefer-index=false', '-t', '@/alice/grown', '@/alice/one');
    expect(digestOf(manifestOf(registry, 'alice/grown', 'latest').bytes)).toBe(one);
    await ask('create', '--append', '-t', '@/alice/grown', '@/alice/two');
    const dry = await askJson(
      'create',
      '--dry-run',
      '--annotation',
      'index:by=alice',
      '-t',
      '@/alice/grown',
      one,
      two,
      one,
    );
    expect(dry).toMatchObject({
      manifests: [{ digest: one }, { digest: two }],
      annotations: { by: 'alice' },
    });
    expect(await askJson('inspect', '--raw', '@/alice/grown')).toMatchObject({
      manifests: [{ digest: one }, { digest: two }],
    });
  });

  test('--platform keeps the images of these, with what is said of them', async () => {
    await ask('create', '--platform', 'linux/amd64', '-t', '@/alice/some', '@/alice/both');
    const some = await askJson('inspect', '--raw', '@/alice/some');
    expect(some).toMatchObject({
      manifests: [{ digest: one }, { annotations: { 'vnd.docker.reference.digest': one } }],
    });
    expect(registry.manifests.has(`alice/some:${two}`)).toBe(false);
    expect(await ask('create', '--dry-run', '-p', 'linux/s390x', '@/alice/both')).toBe(
      'exit 1: no image for the platform linux/s390x in the sources\n',
    );
  });

  test('-f reads a source from a file: a name, a digest, or a descriptor that says more', async () => {
    const file = (name: string, text: string): string => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const said = { annotations: { by: 'alice' }, platform: { os: 'linux', architecture: 'riscv64' } };
    const described = file('one.json', JSON.stringify({ ...entryOf('alice/one', one), ...said }));
    const words = ['-t', '@/alice/both:new', '-f', described, '-f', file('two', `${two}\n`)];
    const dry = await askJson('create', '--dry-run', ...words);
    expect(dry).toMatchObject({ manifests: [{ digest: one, ...said }, { digest: two }] });
    expect(await ask('create', '--dry-run', '-f', 'nowhere')).toBe(
      'exit 1: open nowhere: no such file or directory\n',
    );
    expect(await ask('create', '--dry-run', '-f', file('bad', '{"digest":"x"}'), '@/alice/one')).toStartWith(
      'exit 1: descriptor is invalid: ',
    );
  });

  test.each([
    [['-t', '@/a/b'], 'no sources specified'],
    [['@/alice/one'], "can't push with no tags specified, please set --tag or --dry-run"],
    [['--dry-run', '--annotation', 'a=b', '@/alice/one'], '"manifest" annotations are not supported yet'],
    [['--dry-run', `sha256:${'0'.repeat(64)}`], 'no repositories specified'],
  ])('%p: %s', async (words, message) => {
    expect(await ask('create', ...words)).toStartWith(`exit 1: ${message}`);
  });
});
