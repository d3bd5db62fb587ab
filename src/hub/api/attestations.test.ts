/** What was said about an image, as a page is told it: whoever may push may say anything. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { ImageAttestations, SbomPackagePage } from '../../hub-api/types.ts';
import { attestationManifest } from '../../oci/attestation/attestation-manifest.ts';
import type { Predicate } from '../../oci/attestation/statement.ts';
import { type Digest, digestOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { spdxDocument } from '../../packages/spdx.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const repository = 'alice/app';
let hub: HubFixture;
let token: string;
beforeAll(async () => {
  hub = await HubFixture.create('alice', 'bob');
  token = await hub.fullToken('alice', repository);
});
afterAll(() => hub[Symbol.asyncDispose]());

async function put(bytes: Uint8Array | string, reference = ''): Promise<Digest> {
  const text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes);
  const digest = digestOf(text);
  const response = await hub.putManifest(
    token,
    repository,
    reference || digest,
    text,
    mediaTypes.ociManifest,
  );
  expect([response.status, await response.text()]).toEqual([201, '']);
  return digest;
}

/** An image that is no other test's. */
async function image(tag: string): Promise<{ readonly digest: Digest; readonly size: number }> {
  const config = JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    author: tag,
    rootfs: { type: 'layers' },
  });
  const digest = await hub.pushBlob(token, repository, config);
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest, size: config.length },
    layers: [],
  });
  return { digest: await put(text, tag), size: text.length };
}

async function attest(
  subject: { digest: Digest; size: number },
  predicates: readonly Predicate[],
): Promise<void> {
  const manifest = attestationManifest(predicates, { ...subject, mediaType: mediaTypes.ociManifest }, ['x']);
  for (const { bytes } of manifest.blobs)
    await hub.pushBlob(token, repository, new TextDecoder().decode(bytes));
  await put(manifest.bytes);
}

async function ask<T>(path: string): Promise<T> {
  const response = await hub.send('GET', `/v2/namespaces/alice/repositories/app/images/${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const provenance = {
  buildDefinition: {
    buildType: 'https://example.com/build',
    externalParameters: {
      configSource: { path: 'Dockerfile' },
      request: { args: { 'build-arg:WHO': '<script>alert(1)</script>' } },
    },
    resolvedDependencies: [
      { uri: 'pkg:docker/library/debian@12?platform=linux%2Famd64', digest: { sha256: 'ab' } },
    ],
  },
  runDetails: {
    builder: { id: '', version: { cais: '1.0' } },
    metadata: { startedOn: '2026-11-26T19:00:00Z', finishedOn: '2026-11-26T19:00:05Z' },
  },
};
const v1 = 'https://slsa.dev/provenance/v1';
const spdx = 'https://spdx.dev/Document';

test('provenance: builder, times, materials and arguments', async () => {
  const subject = await image('provenance');
  expect(await ask(`${subject.digest}/attestations`)).toEqual({
    provenance: null,
    sbom: null,
    statements: [],
  });
  await attest(subject, [{ type: v1, text: JSON.stringify(provenance) }]);
  const told = await ask<ImageAttestations>(`${subject.digest}/attestations?image=${subject.digest}`);
  expect(told.provenance).toMatchObject({
    predicate_type: v1,
    builder: 'cais 1.0',
    source: '',
    path: 'Dockerfile',
    finished: '2026-11-26T19:00:05.000Z',
    is_reproducible: false,
    materials: [{ name: 'library/debian:12', digest: 'sha256:ab' }],
    arguments: [{ name: 'build-arg:WHO', value: '<script>alert(1)</script>' }],
    is_cut: false,
  });
  expect(told.statements).toHaveLength(1);
});

test('SBOM: packages are counted, searched and told in pages', async () => {
  const subject = await image('sbom');
  const found = (['deb', 'npm'] as const).flatMap((kind) =>
    Array.from({ length: 60 }, (_, index) => ({
      installed: { kind, name: `${kind}-part-${index}`, version: '1.0', licence: 'MIT' },
      path: 'x',
    })),
  );
  const facts = { name: 'x', created: new Date(), version: '1', distribution: undefined, remark: '' };
  await attest(subject, [{ type: spdx, text: JSON.stringify(spdxDocument(found, facts)) }]);
  const { sbom } = await ask<ImageAttestations>(`${subject.digest}/attestations`);
  expect(sbom).toMatchObject({
    format: 'SPDX-2.3',
    tool: 'cais-1',
    count: 120,
    kinds: [
      { kind: 'deb', count: 60 },
      { kind: 'npm', count: 60 },
    ],
  });
  const page = await ask<SbomPackagePage>(`${subject.digest}/packages?query=PART-5&kind=npm&page_size=2`);
  expect(page.results).toHaveLength(2);
  // 5 and 50 to 59.
  expect(page.count).toBe(11);
  expect(page.results[0]).toEqual({
    kind: 'npm',
    name: 'npm-part-5',
    version: '1.0',
    licence: 'MIT',
    purl: 'pkg:npm/npm-part-5@1.0',
  });
  const text = await hub.send(
    'GET',
    `/v2/namespaces/alice/repositories/app/images/${subject.digest}/attestations/${sbom?.digest}`,
  );
  expect(text.headers.get('Content-Disposition')).toStartWith('attachment');
  expect(digestOf(new Uint8Array(await text.arrayBuffer()))).toBe(sbom?.digest as Digest);
});

test('what is no statement, or not of its form, is nothing to tell of; and never more than a page shows', async () => {
  const subject = await image('nonsense');
  const odd: Predicate[] = [
    {
      type: v1,
      text: JSON.stringify({ buildDefinition: { resolvedDependencies: 5, externalParameters: [] } }),
    },
    {
      type: spdx,
      text: JSON.stringify({
        packages: [null, 3, { name: {}, externalRefs: [null, { referenceType: 'purl' }] }],
      }),
    },
  ];
  await attest(subject, odd);
  const told = await ask<ImageAttestations>(`${subject.digest}/attestations`);
  expect(told.provenance).toMatchObject({ builder: '', materials: [], arguments: [], finished: null });
  expect(told.sbom).toMatchObject({ count: 0, kinds: [] });

  const large = await image('large');
  const many = Array.from({ length: 5000 }, (_, index) => ({ uri: `${index}`.repeat(500) }));
  await attest(large, [
    { type: v1, text: JSON.stringify({ buildDefinition: { resolvedDependencies: many } }) },
  ]);
  const cut = await ask<ImageAttestations>(`${large.digest}/attestations`);
  expect(cut.provenance?.materials).toHaveLength(200);
  expect(cut.provenance?.is_cut).toBe(true);

  const broken = await image('broken');
  await attest(broken, [{ type: v1, text: 'no JSON' }]);
  const nothing = await ask<ImageAttestations>(`${broken.digest}/attestations`);
  expect([nothing.provenance, nothing.statements.length]).toEqual([null, 1]);
});

test('a statement of another image, or one that is none, is not given', async () => {
  const subject = await image('other');
  const path = `/v2/namespaces/alice/repositories/app/images/${subject.digest}`;
  const config = digestOf('{}');
  for (const what of [`attestations/${config}`, 'attestations/nonsense', 'packages'])
    expect((await hub.send('GET', `${path}/${what}`)).status).toBe(404);
});
