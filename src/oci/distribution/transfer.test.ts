import { expect, test } from 'bun:test';
import { FakeRegistry, wireError } from '../../../tests/support/fake-registry.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { MemoryContentStore } from '../content/memory-content-store.ts';
import type { Descriptor } from '../image/descriptor.ts';
import { digestOf } from '../image/digest.ts';
import { mediaTypes } from '../image/media-type.ts';
import { RegistryClient } from './client.ts';
import { anonymous } from './credentials.ts';
import { endpointOf } from './endpoint.ts';
import { type BlobAddress, downloadBlob, ingestIdOf, outgoingBlob, uploadBlob } from './transfer.ts';

const name = { domain: 'docker.io', path: 'alice/app' };
const bytes = crypto.getRandomValues(new Uint8Array(60_000));
const blob: Descriptor = { mediaType: mediaTypes.ociLayerGzip, digest: digestOf(bytes), size: bytes.length };
const quick = { pauseMilliseconds: 1 };

function addressOf(registry: FakeRegistry): BlobAddress {
  const endpoint = endpointOf('docker.io', { hub: registry.url, insecureRegistries: [] });
  return {
    name,
    client: new RegistryClient({ endpoint, credentials: anonymous }, ['pull', 'push']),
  };
}

/** Answers GETs of blobs with a body that breaks off after so many bytes. */
function breakAfter(registry: FakeRegistry, sent: number, times: number): void {
  let left = times;
  registry.intercept = (request, line) => {
    if (!line.startsWith('GET') || left-- <= 0) return undefined;
    const from = Number(/bytes=(\d+)-/.exec(request.headers.get('Range') ?? '')?.[1] ?? 0);
    const part = bytes.slice(from, from + sent);
    return new Response(part, { status: from > 0 ? 206 : 200 });
  };
}

test('a download that breaks goes on where it broke', async () => {
  await using registry = new FakeRegistry();
  registry.addBlob('alice/app', bytes);
  breakAfter(registry, 25_000, 2);
  const contents = new MemoryContentStore();
  await downloadBlob(addressOf(registry), contents, blob, quick);
  expect(await contents.stat(blob.digest)).toEqual({ digest: blob.digest, size: bytes.length });
  expect(registry.headers.map((headers) => headers.get('Range'))).toEqual([
    null,
    'bytes=25000-',
    'bytes=50000-',
  ]);
});

test('a registry without ranges sends again what is known already', async () => {
  await using registry = new FakeRegistry();
  const contents = new MemoryContentStore();
  const ingest = await contents.ingest(ingestIdOf(blob.digest));
  await ingest.write(bytes.slice(0, 30_000));
  await ingest.close();
  registry.intercept = () => new Response(bytes);
  expect(await downloadBlob(addressOf(registry), contents, blob, quick)).toMatchObject({
    size: bytes.length,
  });
});

test('a registry that is gone in the middle leaves the beginning for the next attempt', async () => {
  await using registry = new FakeRegistry();
  registry.addBlob('alice/app', bytes);
  const contents = new MemoryContentStore();
  let first = true;
  registry.intercept = () => {
    const body = first ? bytes.slice(0, 10_000) : new Uint8Array();
    first = false;
    return new Response(body);
  };
  await expect(downloadBlob(addressOf(registry), contents, blob, quick)).rejects.toThrow('unexpected EOF');
  expect(await contents.ingestSize(ingestIdOf(blob.digest))).toBeDefined();
  registry.intercept = () => undefined;
  await downloadBlob(addressOf(registry), contents, blob, quick);
  expect(registry.headers.at(-1)?.get('Range')).toBe('bytes=10000-');
});

test.each([
  ['other bytes', crypto.getRandomValues(new Uint8Array(60_000)), 'verification failed'],
  ['too many bytes', new Uint8Array(60_001), 'longer than'],
])('%s are refused and leave nothing', async (_what, body, message) => {
  await using registry = new FakeRegistry();
  registry.intercept = () => new Response(body);
  const contents = new MemoryContentStore();
  await expect(downloadBlob(addressOf(registry), contents, blob, quick)).rejects.toThrow(message);
  expect(await contents.stat(blob.digest)).toBeUndefined();
  expect(await contents.ingestSize(ingestIdOf(blob.digest))).toBeUndefined();
});

test('a full disk ends the download and gives the space back', async () => {
  await using registry = new FakeRegistry();
  registry.addBlob('alice/app', bytes);
  const contents = new MemoryContentStore();
  const open = contents.ingest.bind(contents);
  contents.ingest = async (id) => {
    const ingest = await open(id);
    ingest.write = () => Promise.reject(new UnavailableError('cannot write blob: no space left on device'));
    return ingest;
  };
  await expect(downloadBlob(addressOf(registry), contents, blob, quick)).rejects.toThrow(
    'no space left on device',
  );
  expect(await contents.ingestSize(ingestIdOf(blob.digest))).toBeUndefined();
});

test('an upload that breaks is begun again', async () => {
  await using registry = new FakeRegistry();
  const contents = new MemoryContentStore();
  contents.put(bytes);
  let failures = 2;
  registry.intercept = (_request, line) =>
    line.startsWith('PATCH') && failures-- > 0 ? wireError(503, 'UNAVAILABLE', 'later') : undefined;
  await uploadBlob(addressOf(registry), () => outgoingBlob(contents, blob), quick);
  expect(registry.blob('alice/app', blob.digest)?.length).toBe(bytes.length);
  expect(registry.count('POST')).toBe(3);
});

test('a blob that rotted on disk is not sent', async () => {
  await using registry = new FakeRegistry();
  const contents = new MemoryContentStore();
  contents.put(bytes);
  contents.open = async () => new Blob([bytes.toReversed()]);
  await expect(
    uploadBlob(addressOf(registry), () => outgoingBlob(contents, blob), quick),
  ).rejects.toMatchObject({
    name: 'CorruptError',
  });
  expect(registry.blob('alice/app', blob.digest)).toBeUndefined();
});

test('a cancelled download ends at once', async () => {
  await using registry = new FakeRegistry();
  registry.intercept = () => new Response(new ReadableStream({ pull: () => Bun.sleep(10_000) }));
  const controller = new AbortController();
  const download = downloadBlob(addressOf(registry), new MemoryContentStore(), blob, {
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 30);
  await expect(download).rejects.toMatchObject({ name: 'AbortError' });
});
