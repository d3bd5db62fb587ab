/** What is measured of registries, one question each: all of them get the same requests in turn. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Digest, Digester, digestOf } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { type PreparedRequest, prepareRequest, sendLoad } from '../support/http-load.ts';
import { type Question, race, type Row, summarize } from '../support/measure.ts';
import { BenchClient, type PreparedImage, prepareImage, randomBytes } from './client.ts';
import { askMemory } from './memory.ts';
import type { Registry } from './registries.ts';

const megabyte = 1024 * 1024;
const rounds = 3;
const seconds = 3;

export const hubQuestions: readonly Question<readonly Registry[]>[] = [
  { name: 'registry: GET of a manifest by tag, 16 connections', target: 12, ask: askManifest },
  { name: 'registry: HEAD of a blob, 16 connections', target: 12, ask: askHead },
  {
    name: 'registry: GET of a 10 MB blob, 4 connections',
    target: 1,
    ask: async (registries) => askGet(registries, 'registry: GET of a 10 MB blob, 4 connections', 10, 4),
  },
  {
    name: 'registry: GET of a 200 MB blob',
    target: 1,
    ask: async (registries) => askGet(registries, 'registry: GET of a 200 MB blob', 200, 1),
  },
  {
    name: 'registry: 200 MB upload in one request',
    target: 0.45,
    ask: async (registries) =>
      askUpload(registries, 'registry: 200 MB upload in one request', (client, file, digest) =>
        client.pushBlob(file, digest),
      ),
  },
  {
    name: 'registry: 200 MB upload in 20 chunks',
    target: 0.6,
    ask: async (registries) =>
      askUpload(registries, 'registry: 200 MB upload in 20 chunks', (client, file, digest) =>
        client.pushChunks(file, digest, 20),
      ),
  },
  { name: 'registry: 1 MB images, 8 clients', target: 3, ask: askImages },
  { name: 'registry: resident memory', target: '150 MB', ask: askMemory },
];

/** The same load on each in turn: answers in a second, and what took longest. */
async function askLoad(
  registries: readonly Registry[],
  question: string,
  { method, connections }: { readonly method: 'GET' | 'HEAD'; readonly connections: number },
  path: string,
): Promise<Row[]> {
  const rates = new Map<string, number[]>(registries.map(({ name }) => [name, []]));
  const slowest = new Map<string, number[]>(registries.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const registry of registries) {
      const client = await BenchClient.of(registry);
      const headers = { Accept: mediaTypes.ociManifest, ...(await registry.headers()) };
      const { origin, pathname } = new URL(client.address(path));
      const requests = [prepareRequest(method, pathname, headers)];
      const answered = await sendLoad({ urls: [origin], next: () => requests, connections, seconds });
      if (round < 0) continue;
      rates.get(registry.name)?.push(answered.perSecond);
      slowest.get(registry.name)?.push(answered.p99);
    }
  }
  return [
    ...[...rates].map(([name, samples]) => summarize(question, name, '/s', samples)),
    ...[...slowest].map(([name, samples]) => summarize(`${question}, p99`, name, 'ms', samples)),
  ];
}

async function askManifest(registries: readonly Registry[]): Promise<Row[]> {
  for (const registry of registries) {
    await (await BenchClient.of(registry)).pushImage(prepareImage(randomBytes(megabyte), 'latest'));
  }
  const load = { method: 'GET', connections: 16 } as const;
  return askLoad(registries, 'registry: GET of a manifest by tag, 16 connections', load, 'manifests/latest');
}

async function askHead(registries: readonly Registry[]): Promise<Row[]> {
  const digest = await pushBlob(registries, 1);
  const load = { method: 'HEAD', connections: 16 } as const;
  return askLoad(registries, 'registry: HEAD of a blob, 16 connections', load, `blobs/${digest}`);
}

async function askGet(
  registries: readonly Registry[],
  question: string,
  size: number,
  connections: number,
): Promise<Row[]> {
  const digest = await pushBlob(registries, size);
  const rows = await askLoad(registries, question, { method: 'GET', connections }, `blobs/${digest}`);
  return rows.filter(({ unit }) => unit === '/s');
}

async function pushBlob(registries: readonly Registry[], size: number): Promise<Digest> {
  const bytes = randomBytes(size * megabyte);
  const digest = digestOf(bytes);
  for (const registry of registries) await (await BenchClient.of(registry)).pushBlob(bytes, digest);
  return digest;
}

/** Every round other bytes, hashed before; from a file, which costs the client least. */
async function askUpload(
  registries: readonly Registry[],
  question: string,
  upload: (client: BenchClient, file: Blob, digest: Digest) => Promise<void>,
): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-bench-upload-'));
  const path = join(directory, 'blob');
  try {
    for (let part = 0; part < 200; part++) await appendTo(path, randomBytes(megabyte));
    let client: BenchClient;
    let digest: Digest;
    return await race(
      question,
      registries.map((registry) => ({
        name: registry.name,
        before: async () => {
          await stamp(path);
          digest = await digestOfFile(path);
          client = await BenchClient.of(registry);
          // What others left to write is not this one's to wait for.
          Bun.spawnSync(['sync']);
        },
        run: () => upload(client, Bun.file(path), digest),
      })),
      5,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function appendTo(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'a');
  await file.write(bytes);
}

async function stamp(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(randomBytes(64), 0, 64, 0);
}

async function digestOfFile(path: string): Promise<Digest> {
  const digester = new Digester();
  for await (const chunk of Bun.file(path).stream()) digester.update(chunk);
  return digester.digest();
}

const clients = 8;
const imagesEach = 15;

/**
 * Images in a second: eight clients push different ones, then as many connections pull what was pushed. A client that reads bodies
 * into memory would take longer over it than the hub does.
 */
async function askImages(registries: readonly Registry[]): Promise<Row[]> {
  const pushed = new Map<string, number[]>(registries.map(({ name }) => [name, []]));
  const pulled = new Map<string, number[]>(registries.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const registry of registries) {
      const client = await BenchClient.of(registry);
      // Made before the clock runs.
      const images = Array.from({ length: clients * imagesEach }, (_, number) =>
        prepareImage(randomBytes(megabyte), `image-${round + 1}-${number}`),
      );
      Bun.spawnSync(['sync']);
      const push = await perSecond(images, (image) => client.pushImage(image));
      const pulls = await preparePulls(registry, client, images);
      const rest = forever(pulls);
      const next = (): readonly PreparedRequest[] => rest.next().value;
      const pull = await sendLoad({ urls: [registry.url], next, connections: clients, seconds });
      if (round < 0) continue;
      pushed.get(registry.name)?.push(push);
      pulled.get(registry.name)?.push(pull.perSecond);
    }
  }
  return [
    ...[...pushed].map(([name, samples]) => summarize('push of 1 MB images', name, '/s', samples)),
    ...[...pulled].map(([name, samples]) => summarize('pull of 1 MB images', name, '/s', samples)),
  ];
}

/** HEAD and GET of the manifest, config and layers: once more what the client's own pull sends. */
async function preparePulls(
  registry: Registry,
  client: BenchClient,
  images: readonly PreparedImage[],
): Promise<readonly (readonly PreparedRequest[])[]> {
  const headers = { Accept: mediaTypes.ociManifest, ...(await registry.headers()) };
  const prepare = (method: 'GET' | 'HEAD', path: string): PreparedRequest =>
    prepareRequest(method, new URL(client.address(path)).pathname, headers);
  return images.map(({ tag, blobs }) => [
    prepare('HEAD', `manifests/${tag}`),
    prepare('GET', `manifests/${tag}`),
    ...blobs.toReversed().map(({ digest }) => prepare('GET', `blobs/${digest}`)),
  ]);
}

function* forever<T>(all: readonly T[]): Generator<T, never, undefined> {
  for (;;) yield* all;
}

async function perSecond<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<number> {
  const start = performance.now();
  const rest = all.values();
  const worker = async (): Promise<void> => {
    for (const each of rest) await work(each);
  };
  await Promise.all(Array.from({ length: clients }, worker));
  return (all.length * 1000) / (performance.now() - start);
}
