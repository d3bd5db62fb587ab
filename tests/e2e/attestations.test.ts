/** What a build says about its image, in the engine, at a registry that lists referrers, and at one that does not. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { untar } from '../../src/oci/layer/untar.ts';
import { build, imageOf } from '../support/build-request.ts';
import { startDistribution } from '../support/distribution.ts';
import { signUp, tokenFor } from '../support/hub-account.ts';
import { RunningEngine } from '../support/running-engine.ts';
import { type RunningHub, startHub } from '../support/running-hub.ts';

setDefaultTimeout(120_000);

const password = 'sail-to-the-quay-9';
const manifestTypes =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json';
const artifactType = 'application/vnd.docker.attestation.manifest.v1+json';

let engine: RunningEngine;
let hub: RunningHub;
let token = '';
beforeAll(async () => {
  [engine, hub] = await Promise.all([RunningEngine.start(), startHub()]);
  await signUp(hub.url, 'alice', password);
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  await hub?.[Symbol.asyncDispose]();
});

interface Provenance {
  readonly buildDefinition: {
    readonly externalParameters: {
      readonly request: { readonly args?: Record<string, string>; readonly secrets?: readonly object[] };
    };
    readonly internalParameters: { readonly buildConfig?: { readonly steps: readonly object[] } };
    readonly resolvedDependencies: readonly { readonly uri: string; readonly digest: object }[];
  };
  readonly runDetails: {
    readonly builder: object;
    readonly metadata: Record<string, unknown> & {
      readonly buildkit_metadata: { readonly source?: { readonly infos: readonly { data: string }[] } };
    };
  };
}

interface Descriptor {
  readonly digest: string;
  readonly artifactType?: string;
  readonly mediaType: string;
  readonly annotations: Record<string, string>;
}

const dockerfile = `
FROM busybox AS first
ARG TOKEN
ARG WHO=nobody
RUN --network=none echo $WHO > /who
FROM busybox
COPY --from=first /who /who
RUN --network=none --mount=type=secret,id=key test ! -e /missing
`;

/** Built offline, with these `--attest`. @returns the image's id. */
async function built(name: string, attest: string, query: Record<string, string> = {}): Promise<string> {
  const events = await build(
    engine,
    { Dockerfile: dockerfile },
    { query: { t: name, networkmode: 'none', ...(attest !== '' && { attest }), ...query } },
  );
  return imageOf(events);
}

async function push(name: string): Promise<void> {
  const auth = Buffer.from(JSON.stringify({ username: 'alice', password })).toString('base64url');
  const response = await fetch(`http://engine/images/${name}/push?tag=1`, {
    unix: engine.socketPath,
    method: 'POST',
    headers: { 'X-Registry-Auth': auth },
  });
  const text = await response.text();
  if (text.includes('errorDetail')) expect.unreachable(text);
}

/** The fields of answers that tests look at; each answer has some of them. */
interface Answer extends Statement {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
}

/** JSON and digest of a registry's answer. */
async function ask(url: string): Promise<{ readonly digest: string; readonly body: Answer }> {
  const authorization = `Bearer ${url.startsWith(hub.url) ? token : ''}`;
  const response = await fetch(url, { headers: { Accept: manifestTypes, Authorization: authorization } });
  if (!response.ok) expect.unreachable(`${url}: ${response.status} ${await response.text()}`);
  const digest = response.headers.get('Docker-Content-Digest') ?? '';
  return { digest, body: (await response.json()) as Answer };
}

interface Statement {
  readonly _type: string;
  readonly predicateType: string;
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicate: Provenance;
}

/** The statements of a pushed image, as a client finds them. */
async function statements(
  registry: string,
  listed: readonly Descriptor[],
): Promise<readonly { readonly type: string; readonly statement: Statement }[]> {
  const found = [];
  for (const { digest } of listed) {
    const { layers } = (await ask(`${registry}/manifests/${digest}`)).body;
    for (const layer of layers) {
      expect(layer.mediaType).toBe('application/vnd.in-toto+json');
      const { body } = await ask(`${registry}/blobs/${layer.digest}`);
      found.push({ type: layer.annotations['in-toto.io/predicate-type'] ?? '', statement: body });
    }
  }
  return found;
}

interface Inspected {
  readonly Provenance?: { readonly SLSA: Provenance };
  readonly SBOM?: { readonly SPDX: SpdxDocument };
}

interface SpdxDocument {
  readonly spdxVersion: string;
  readonly packages: readonly {
    readonly name: string;
    readonly externalRefs?: readonly { readonly referenceLocator: string }[];
  }[];
}

async function inspect(name: string): Promise<Inspected> {
  return (await engine.call('GET', `/images/${name}/json?attestations=1`)).body as unknown as Inspected;
}

test('mode=min says what was taken and when, and nothing that may be a secret', async () => {
  const buildargs = JSON.stringify({ TOKEN: 'hidden-in-min', WHO: 'me' });
  await built('min:1', 'type=provenance,mode=min', { buildargs });
  const { Provenance: provenance } = await inspect('min:1');
  expect(JSON.stringify(provenance)).not.toContain('hidden-in-min');
  const { buildDefinition, runDetails } = provenance?.SLSA ?? expect.unreachable('there is none');
  const busybox = (await engine.call('GET', '/images/busybox/json')).body.Id;
  expect(buildDefinition.resolvedDependencies).toEqual([
    {
      uri: 'pkg:docker/busybox@latest?platform=linux%2Famd64',
      digest: { sha256: busybox.slice('sha256:'.length) },
    },
  ]);
  expect(buildDefinition.internalParameters.buildConfig).toBeUndefined();
  expect(runDetails.builder).toEqual({ id: '', version: { cais: 'test' } });
  expect(runDetails.metadata['buildkit_completeness']).toEqual({
    request: false,
    resolvedDependencies: false,
  });
  expect(Date.parse(String(runDetails.metadata['startedOn']))).toBeLessThanOrEqual(
    Date.parse(String(runDetails.metadata['finishedOn'])),
  );
});

test('mode=max has arguments, names of secrets, the Dockerfile and its steps', async () => {
  const buildargs = JSON.stringify({
    WHO: 'me',
    HTTP_PROXY: 'http://u:p@proxy',
    URL: 'https://u:pass@x.org/y',
  });
  await built('max:1', 'type=provenance,mode=max,builder-id=https://ci.example/1,reproducible=true', {
    buildargs,
  });
  const { Provenance: provenance } = await inspect('max:1');
  const { buildDefinition, runDetails } = provenance?.SLSA ?? expect.unreachable('there is none');
  const { request } = buildDefinition.externalParameters;
  expect(request.args).toMatchObject({ 'build-arg:WHO': 'me', 'build-arg:URL': 'https://xxxxx@x.org/y' });
  expect(JSON.stringify(request.args)).not.toContain('proxy');
  expect(request.secrets).toEqual([{ id: 'key', optional: true }]);
  expect(runDetails.builder).toMatchObject({ id: 'https://ci.example/1' });
  expect(runDetails.metadata['buildkit_reproducible']).toBe(true);
  const [source] = runDetails.metadata.buildkit_metadata.source?.infos ?? [];
  expect(Buffer.from(source?.data ?? '', 'base64').toString()).toBe(dockerfile.trimEnd());
  const steps = buildDefinition.internalParameters.buildConfig?.steps as {
    instruction: string;
    inputs: string[];
  }[];
  const copy = steps.find(({ instruction }) => instruction.startsWith('COPY'));
  expect(copy?.inputs).toEqual(['step4', 'step3']);
});

test('what is said does not change the image; a build without it takes it away, the API of docker leaves it', async () => {
  const id = await built('same:1', 'type=provenance');
  expect(await built('same:1', '')).toBe(id);
  expect((await inspect('same:1')).Provenance).toBeDefined();
  expect(await built('same:1', 'type=provenance,disabled=true')).toBe(id);
  expect((await inspect('same:1')).Provenance).toBeUndefined();
});

test("the SBOM of an image with this machine's dpkg database names all of its packages", async () => {
  const status = await Bun.file('/var/lib/dpkg/status').text();
  const files = {
    Dockerfile:
      'FROM busybox\nCOPY status /var/lib/dpkg/status\nCOPY os-release /etc/\nCOPY lock /app/package-lock.json\nRUN --network=none ln -s /proc/self/environ /app/yarn.lock && mkfifo /app/go.mod',
    status,
    'os-release': 'ID=debian\nVERSION_ID="12"\n',
    lock: JSON.stringify({ packages: { 'node_modules/left-pad': { version: '1.3.0' } } }),
  };
  await build(engine, files, { query: { t: 'packages:1', networkmode: 'none', attest: 'type=sbom' } });
  const document = (await inspect('packages:1')).SBOM?.SPDX ?? expect.unreachable('there is none');
  expect(document.spdxVersion).toBe('SPDX-2.3');
  const urls = document.packages.flatMap(({ externalRefs = [] }) =>
    externalRefs.map((each) => each.referenceLocator),
  );
  expect(urls).toContain('pkg:npm/left-pad@1.3.0');
  const installed = Bun.spawnSync(['dpkg-query', '-W', '-f', '${db:Status-Status} ${Package}@${Version}\n']);
  const names = installed.stdout
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('installed '));
  expect(urls.filter((url) => url.startsWith('pkg:deb/debian/'))).toHaveLength(names.length);
});

test('what is wrong with --attest is said before anything is built', async () => {
  const said = async (attest: string): Promise<string> => {
    const events = await build(engine, { Dockerfile: dockerfile }, { query: { attest } }).catch(() => []);
    return JSON.stringify(events);
  };
  expect(await said('type=signature')).toContain('unknown attestation type \\"signature\\"');
  expect(await said('type=provenance,mode=some')).toContain('invalid mode \\"some\\"');
  expect(await said('type=provenance,complete-materials=true,mode=min')).toContain(
    'materials are incomplete',
  );
});

test('the hub lists the provenance of a pushed image among its referrers', async () => {
  const name = `${hub.host}/alice/app`;
  const id = await built(`${name}:1`, 'type=provenance,mode=min');
  await push(name);
  token = await tokenFor(hub.url, 'alice', password, 'repository:alice/app:pull');
  const registry = `${hub.url}/v2/alice/app`;
  const { digest, body: image } = await ask(`${registry}/manifests/1`);
  expect(image.config.digest).toBe(id);
  const { body: index } = await ask(
    `${registry}/referrers/${digest}?artifactType=${encodeURIComponent(artifactType)}`,
  );
  expect(index.manifests.map((each) => each.artifactType)).toEqual([artifactType]);
  const [only] = await statements(registry, index.manifests);
  expect(only?.type).toBe('https://slsa.dev/provenance/v1');
  expect(only?.statement).toMatchObject({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://slsa.dev/provenance/v1',
    subject: [
      {
        name: `pkg:docker/${hub.host}/alice/app@1?platform=linux%2Famd64`,
        digest: { sha256: digest.slice('sha256:'.length) },
      },
    ],
  });
  // An image that was pulled is asked for at its registry.
  expect((await engine.call('DELETE', `/images/${name}:1`)).status).toBe(200);
  await (await engine.fetch('POST', `/images/create?fromImage=${name}&tag=1`)).text();
  expect((await inspect(`${name}:1`)).Provenance?.SLSA).toEqual(
    only?.statement.predicate ?? expect.unreachable(),
  );
});

test('an OCI layout has what is said beside the image, and is loaded as that image', async () => {
  const id = await built('layout:1', 'type=provenance');
  const images = [{ id, annotations: {}, descriptor: {} }];
  const saved = await engine.fetch('POST', '/cais/image-sets/save', { images, names: ['layout:1'] });
  const archive = new Uint8Array(await saved.arrayBuffer());
  const files = new Map<string, string>();
  const chunks = [archive];
  for (const entry of untar(() => chunks.shift() ?? new Uint8Array())) {
    if (entry.size < 100_000)
      files.set(entry.name.toString(), Buffer.concat([...entry.content()]).toString());
  }
  const parsed = (name: string): Answer => JSON.parse(files.get(name) ?? '') as Answer;
  const blob = (digest: string): string => `blobs/sha256/${digest.slice('sha256:'.length)}`;
  const [image, attestation] = parsed('index.json').manifests;
  expect(attestation?.annotations).toEqual({
    'vnd.docker.reference.digest': image?.digest ?? '',
    'vnd.docker.reference.type': 'attestation-manifest',
  });
  const [layer] = parsed(blob(attestation?.digest ?? '')).layers;
  expect(parsed(blob(layer?.digest ?? '')).predicateType).toBe('https://slsa.dev/provenance/v1');
  await engine.call('DELETE', '/images/layout:1');
  await (
    await fetch('http://engine/images/load', { unix: engine.socketPath, method: 'POST', body: archive })
  ).text();
  expect((await engine.call('GET', '/images/layout:1/json')).body.Id).toBe(id);
});

test('a registry that lists no referrers has them under the tag made of the digest', async () => {
  await using registry = await startDistribution();
  const name = `${registry.host}/acct/app`;
  await built(`${name}:1`, 'type=provenance');
  await push(name);
  const address = `http://${registry.host}/v2/acct/app`;
  const { digest } = await ask(`${address}/manifests/1`);
  const tag = digest.replace(':', '-');
  const { body: index } = await ask(`${address}/manifests/${tag}`);
  expect(index.manifests.map((each) => each.artifactType)).toEqual([artifactType]);
  expect(await statements(address, index.manifests)).toHaveLength(1);
  // Once more: nothing is listed twice.
  await push(name);
  expect((await ask(`${address}/manifests/${tag}`)).body).toEqual(index);
});
