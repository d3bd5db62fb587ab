/** Caches of type local: an OCI image layout of the client's, that one engine fills and another begins with. Runs as root. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildDirectory } from '../support/build-directory.ts';

setDefaultTimeout(120_000);

let first: BuildDirectory;
let second: BuildDirectory;
let cache: string;
beforeAll(async () => {
  [first, second] = await Promise.all([BuildDirectory.open(), BuildDirectory.open()]);
  cache = join(first.path, 'cache');
});
afterAll(async () => {
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
});

function dockerfile(name: string): void {
  for (const place of [first, second]) {
    place.write(
      `${name}/Dockerfile`,
      `FROM busybox AS made
RUN --network=none echo ${name} > /made; date >> /made
FROM busybox
COPY --from=made /made /taken
RUN --network=none date > /when`,
    );
  }
}

interface Layout {
  readonly manifests: readonly {
    readonly digest: string;
    readonly mediaType: string;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

function index(): Layout {
  return JSON.parse(readFileSync(join(cache, 'index.json'), 'utf8')) as Layout;
}

function blobs(): readonly string[] {
  return readdirSync(join(cache, 'blobs/sha256'));
}

interface Manifest {
  readonly layers: readonly { readonly mediaType: string; readonly digest: string }[];
}

function manifestOf(tag: string): Manifest {
  const entry = index().manifests.find(
    ({ annotations }) => annotations['org.opencontainers.image.ref.name'] === tag,
  );
  const path = join(cache, 'blobs/sha256', entry?.digest.slice('sha256:'.length) ?? '');
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

/** The image's id, from `-q`. */
async function idOf(place: BuildDirectory, name: string, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await place.cais('build', '-q', ...words, name);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout.trim();
}

test('a directory gives another engine the same image, and nothing runs there', async () => {
  dockerfile('app');
  const sent = await first.cais(
    'build',
    '--iidfile',
    'iid',
    '--cache-to',
    'type=local,dest=cache,mode=max',
    'app',
  );
  expect(sent.stderr).toContain('exporting cache to client directory');
  expect(index().manifests).toMatchObject([
    {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      annotations: { 'org.opencontainers.image.ref.name': 'latest' },
    },
  ]);
  expect(manifestOf('latest').layers).toHaveLength(3);
  const from = `type=local,src=${cache}`;
  const taken = await second.cais('build', '--iidfile', 'iid', '--cache-from', from, 'app');
  expect(taken.stderr).toContain(`importing cache manifest from local:${cache}`);
  expect(taken.stderr).toContain('pulling cached layers');
  const [id, other] = [first, second].map(({ path }) => readFileSync(join(path, 'iid'), 'utf8'));
  expect(other).toBe(id ?? '');
});

test('what is there already is not written again, and a tag has the newest cache', async () => {
  dockerfile('twice');
  await idOf(first, 'twice', '--cache-to', 'type=local,dest=cache,tag=twice');
  const before = blobs();
  await idOf(first, 'twice', '--cache-to', 'type=local,dest=cache,tag=twice');
  expect(blobs()).toEqual(before);
  expect(index().manifests).toHaveLength(2);
  expect(readdirSync(cache).toSorted()).toEqual(['blobs', 'index.json', 'oci-layout']);
});

test('from one directory and back to it, without the layers having come to the engine', async () => {
  dockerfile('round');
  await idOf(first, 'round', '--cache-to', 'type=local,dest=cache,tag=round,mode=max');
  const before = manifestOf('round').layers;
  const both = ['--cache-from', `type=local,src=${cache},tag=round`];
  await idOf(second, 'round', ...both, '--cache-to', `type=local,dest=${cache},tag=round,mode=max`);
  expect(manifestOf('round').layers.toSorted(byDigest)).toEqual(before.toSorted(byDigest));
});

function byDigest(a: { readonly digest: string }, b: { readonly digest: string }): number {
  return a.digest < b.digest ? -1 : 1;
}

test('layers are in the form that is asked for', async () => {
  dockerfile('form');
  const to = 'type=local,dest=cache,tag=form,mode=max,compression=zstd,compression-level=9';
  const id = await idOf(first, 'form', '--cache-to', to);
  const types = manifestOf('form').layers.map(({ mediaType }) => mediaType);
  expect([...new Set(types)]).toEqual(['application/vnd.oci.image.layer.v1.tar+zstd']);
  expect(await idOf(second, 'form', '--cache-from', `type=local,src=${cache},tag=form`)).toBe(id);
});

test('a directory that is not there is told of, and the build goes on', async () => {
  dockerfile('missing');
  const { exitCode, stderr } = await second.cais(
    'build',
    '--cache-from',
    'type=local,src=nowhere',
    'missing',
  );
  expect(exitCode).toBe(0);
  expect(stderr).toContain(
    'WARNING: local cache import at nowhere not found due to err: open nowhere/index.json',
  );
});

test('blobs that are broken are found out, and the build goes on without', async () => {
  dockerfile('broken');
  await idOf(first, 'broken', '--cache-to', 'type=local,dest=cache,tag=broken');
  for (const { digest } of manifestOf('broken').layers) {
    const path = join(cache, 'blobs/sha256', digest.slice('sha256:'.length));
    const { size } = statSync(path);
    truncateSync(path, 0);
    writeFileSync(path, Buffer.alloc(size));
  }
  const { exitCode, stderr } = await second.cais(
    'build',
    '--cache-from',
    `type=local,src=${cache},tag=broken`,
    'broken',
  );
  expect([exitCode, stderr]).toEqual([
    0,
    expect.stringContaining('the imported cache cannot be used any more'),
  ]);
});

test('a cache that cannot be written fails the build, unless that is of no importance', async () => {
  dockerfile('unwritten');
  first.write('file', '');
  const file = await first.cais('build', '--cache-to', 'type=local,dest=file', 'unwritten');
  expect(file.stderr).toContain('the cache directory file is a file');
  first.write('spoilt/blobs', '');
  const to = 'type=local,dest=spoilt';
  const failed = await first.cais('build', '--cache-to', to, 'unwritten');
  expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining('spoilt/blobs')]);
  const ignored = await first.cais('build', '--cache-to', `${to},ignore-error=true`, 'unwritten');
  expect([ignored.exitCode, ignored.stderr]).toEqual([
    0,
    expect.stringContaining('the cache was not exported to spoilt'),
  ]);
  rmSync(join(first.path, 'spoilt'), { recursive: true });
});
