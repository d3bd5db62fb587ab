/** The object store keeps the contract of content stores, on a real one; and what is its own: uploads go on at any copy of the hub. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Swift, startSwift } from '../../../tests/support/swift.ts';
import { contentStoreContract } from '../../oci/content/content-store.contract.ts';
import { digestOf } from '../../oci/image/digest.ts';
import { S3Client } from './s3-client.ts';
import { readS3Config } from './s3-config.ts';
import { S3ContentStore } from './s3-content-store.ts';
import { copyObject, listObjects, listUploads } from './s3-objects.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(180_000);

const partSize = 5 * 1024 * 1024;
const large = new Uint8Array(2 * partSize + 1234).map((_, index) => (index * 31 + (index >> 12)) & 0xff);

let swift: Swift;
beforeAll(async () => {
  swift = await startSwift();
  await clientOf('hub').call('PUT', null);
});
afterAll(() => swift[Symbol.asyncDispose]());

/** A client of its own, as another copy of the hub has. */
function clientOf(prefix: string): S3Client {
  const { accessKeyId, secretAccessKey } = swift.credentials;
  return new S3Client(
    readS3Config(`s3://blobs/${prefix}?endpoint=${swift.endpoint}`, {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    }),
  );
}

function copyOfHub(prefix: string): S3ContentStore {
  return new S3ContentStore(clientOf(prefix), { partSize });
}

contentStoreContract('S3ContentStore', async () => ({
  store: copyOfHub(crypto.randomUUID()),
  close: async () => undefined,
}));

describe('S3ContentStore', () => {
  test('an upload in parts goes on at other copies, and leaves nothing but the blob', async () => {
    const digest = digestOf(large);
    const first = await copyOfHub('move').ingest('a');
    await first.write(large.subarray(0, partSize + 17));
    await first.close();
    const second = await copyOfHub('move').ingest('a');
    expect(second.size).toBe(partSize + 17);
    await second.write(large.subarray(partSize + 17, partSize + 90));
    await second.close();
    const store = copyOfHub('move');
    expect(await store.ingestSize('a')).toBe(partSize + 90);
    const third = await store.ingest('a');
    await third.write(large.subarray(partSize + 90));
    expect(await third.commit({ digest, size: large.length })).toEqual({ digest, size: large.length });
    const blob = await copyOfHub('move').open(digest);
    expect(digestOf(await blob.bytes())).toBe(digest);
    expect(await blob.slice(partSize - 2, partSize + 2).bytes()).toEqual(
      large.slice(partSize - 2, partSize + 2),
    );
    const objects = await Array.fromAsync(listObjects(clientOf('move'), ''));
    expect(objects.map(({ size }) => size)).toEqual([large.length]);
  });

  test('two copies that write one upload at once never make a wrong blob', async () => {
    const begun = await copyOfHub('race').ingest('a');
    await begun.write(large.subarray(0, partSize));
    await begun.close();
    const [one, other] = [await copyOfHub('race').ingest('a'), await copyOfHub('race').ingest('a')];
    const forged = large.map((byte, index) => (index < partSize ? byte : 7));
    await one.write(large.subarray(partSize));
    await other.write(forged.subarray(partSize));
    const ends = await Promise.allSettled([
      one.commit({ digest: digestOf(large) }),
      other.commit({ digest: digestOf(forged) }),
    ]);
    expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(2);
    const store = copyOfHub('race');
    for await (const { digest } of store.list()) {
      expect(digestOf(await (await store.open(digest)).bytes())).toBe(digest);
    }
  });

  test('sweeping ends uploads that nobody goes on with', async () => {
    const left = await copyOfHub('sweep').ingest('left');
    await left.write(large.subarray(0, partSize + 1));
    await left.close();
    const store = copyOfHub('sweep');
    await store.sweepIngests(new Date(Date.now() - 60_000));
    expect(await store.ingestSize('left')).toBe(partSize + 1);
    expect(await Array.fromAsync(listUploads(clientOf('sweep'), ''))).toHaveLength(1);
    await store.sweepIngests(new Date(Date.now() + 60_000));
    expect(await store.ingestSize('left')).toBeUndefined();
    expect(await Array.fromAsync(listUploads(clientOf('sweep'), ''))).toEqual([]);
  });

  test('what is too large for one copy is copied in pieces', async () => {
    const client = clientOf('copy');
    const ingest = await copyOfHub('copy').ingest('a');
    await ingest.write(large);
    const { digest } = await ingest.commit();
    const [found] = await Array.fromAsync(listObjects(client, 'blobs/'));
    await copyObject(client, found?.key ?? '', 'elsewhere', large.length, partSize);
    expect(digestOf((await client.call('GET', 'elsewhere')).body)).toBe(digest);
  });

  test('an address opens the one blob without keys', async () => {
    const store = copyOfHub('address');
    const ingest = await store.ingest('a');
    await ingest.write(Buffer.from('hello'));
    const { digest } = await ingest.commit();
    const address = await store.addressOf(digest);
    expect(address).not.toContain(swift.credentials.secretAccessKey);
    const part = await fetch(address, { headers: { Range: 'bytes=1-3' } });
    expect([part.status, await part.text()]).toEqual([206, 'ell']);
  });
});
