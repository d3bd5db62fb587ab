/** What every content store does, whatever it is made of. Each implementation's test runs these cases. */
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { ConflictError, CorruptError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { digestOf } from '../image/digest.ts';
import type { BlobInfo, ContentStore } from './content-store.ts';
import { readAlong } from './read-along.ts';

export interface StoreUnderTest {
  readonly store: ContentStore;
  /** Removes whatever the store left outside the process. */
  close(): Promise<void>;
}

const hello = Buffer.from('hello, ');
const world = Buffer.from('world');
const both = Buffer.concat([hello, world]);

/** Declares the contract's cases for one implementation. */
export function contentStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a content store`, () => {
    let under: StoreUnderTest;
    let store: ContentStore;
    beforeEach(async () => {
      under = await make();
      ({ store } = under);
    });
    afterEach(() => under.close());

    test('a committed ingest is a blob under its digest', async () => {
      const ingest = await store.ingest('a');
      await ingest.write(hello);
      await ingest.write(world);
      expect(ingest.size).toBe(both.length);
      const info = await ingest.commit();
      expect(info).toEqual({ digest: digestOf(both), size: both.length });
      expect(await store.stat(info.digest)).toEqual(info);
      expect(await (await store.open(info.digest)).text()).toBe('hello, world');
      expect(await store.ingestSize('a')).toBeUndefined();
    });

    test('nothing is visible before the commit', async () => {
      const ingest = await store.ingest('a');
      await ingest.write(both);
      expect(await store.stat(digestOf(both))).toBeUndefined();
      expect(await listed(store)).toEqual([]);
      await ingest.abort();
    });

    test('an empty blob is a blob', async () => {
      const info = await (await store.ingest('a')).commit({ size: 0 });
      expect(info).toEqual({ digest: digestOf(''), size: 0 });
      expect((await store.open(info.digest)).size).toBe(0);
    });

    test('sha512 names the blob when it is what is expected', async () => {
      const ingest = await store.ingest('a');
      await ingest.write(both);
      const digest = digestOf(both, 'sha512');
      expect((await ingest.commit({ digest })).digest).toBe(digest);
      expect(await listed(store)).toEqual([{ digest, size: both.length }]);
    });

    test('parts of a blob can be read', async () => {
      const { digest } = await putBlob(store, both);
      expect(await (await store.open(digest)).slice(7, 9).text()).toBe('wo');
      expect(await new Response((await store.open(digest)).slice(7).stream()).text()).toBe('world');
    });

    test('a wrong digest is refused and leaves nothing', async () => {
      const ingest = await store.ingest('a');
      await ingest.write(hello);
      const failure = await ingest.commit({ digest: digestOf(both) }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(CorruptError);
      expect(await store.ingestSize('a')).toBeUndefined();
      expect(await listed(store)).toEqual([]);
    });

    test('a wrong size is refused and leaves nothing', async () => {
      const ingest = await store.ingest('a');
      await ingest.write(hello);
      const failure = await ingest.commit({ size: 3 }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(CorruptError);
      expect(await store.ingestSize('a')).toBeUndefined();
      expect(await listed(store)).toEqual([]);
    });

    test('a closed ingest goes on where it ended, again and again', async () => {
      const first = await store.ingest('a');
      await first.write(hello);
      await first.close();
      expect(await store.ingestSize('a')).toBeDefined();
      const second = await store.ingest('a');
      expect(second.size).toBe(hello.length);
      await second.write(world.subarray(0, 2));
      await second.close();
      const third = await store.ingest('a');
      await third.write(world.subarray(2));
      expect((await third.commit({ digest: digestOf(both), size: both.length })).digest).toBe(digestOf(both));
    });

    test('how much an ingest holds is told while somebody writes, and after', async () => {
      expect(await store.ingestSize('a')).toBeUndefined();
      const ingest = await store.ingest('a');
      expect(await store.ingestSize('a')).toBe(0);
      await ingest.write(hello);
      expect(await store.ingestSize('a')).toBe(hello.length);
      await ingest.close();
      expect(await store.ingestSize('a')).toBe(hello.length);
      await (await store.ingest('a')).abort();
      expect(await store.ingestSize('a')).toBeUndefined();
      expect(await store.ingestSize('../a')).toBeUndefined();
    });

    test('what is on its way can be read along while more comes, and still when the ingest has ended', async () => {
      for (const end of ['commit', 'abort', 'close'] as const) {
        const ingest = await store.ingest(end);
        const { write, reader } = await readAlong(ingest, tmpdir());
        const read = async (position: number, most = 100): Promise<string> => {
          const buffer = new Uint8Array(most);
          return new TextDecoder().decode(buffer.subarray(0, await reader.read(buffer, position)));
        };
        expect(await read(0)).toBe('');
        await write(hello);
        expect(await read(0)).toBe('hello, ');
        await write(world);
        expect([await read(3), await read(3, 5), await read(both.length)]).toEqual([
          'lo, world',
          'lo, w',
          '',
        ]);
        await ingest[end]();
        expect(await read(0)).toBe('hello, world');
        await reader.close();
        await reader.close();
      }
    });

    test('whoever commits is told when the bytes are known to be right, before they are a blob', async () => {
      const digest = digestOf(both);
      const ingest = await store.ingest('a');
      await ingest.write(both);
      let isThere: Promise<BlobInfo | undefined> | undefined;
      await ingest.commit({ digest }, () => {
        isThere = store.stat(digest);
      });
      // A question to a server may come after the bytes.
      if (!store.isRemote) expect(await isThere).toBeUndefined();
      expect(isThere).toBeDefined();
      expect(await store.stat(digest)).toBeDefined();
      const wrong = await store.ingest('b');
      await wrong.write(hello);
      const told: string[] = [];
      const refused = wrong.commit({ digest }, () => told.push('right'));
      await expect(refused).rejects.toBeInstanceOf(CorruptError);
      expect(told).toEqual([]);
    });

    test('a reader is of an open ingest, and is given by a store that can give what is not committed', async () => {
      const ingest = await store.ingest('a');
      await ingest.write(both);
      const reader = await ingest.reader();
      const buffer = new Uint8Array(5);
      expect(await reader?.read(buffer, 7)).toBe(reader && 5);
      if (reader) expect(new TextDecoder().decode(buffer)).toBe('world');
      await reader?.close();
      await ingest.abort();
      if (reader) await expect(ingest.reader()).rejects.toBeInstanceOf(ConflictError);
      else expect(store.isRemote).toBe(true);
    });

    test('an ingest that was reserved is there without a byte, until it is ended', async () => {
      await store.reserve('a');
      expect(await store.ingestSize('a')).toBe(0);
      expect(await store.reserve('a').catch((error: unknown) => error)).toBeInstanceOf(ConflictError);
      await (await store.ingest('a')).close();
      expect(await store.ingestSize('a')).toBe(0);
      await (await store.ingest('a')).commit();
      expect(await store.ingestSize('a')).toBeUndefined();
      await (await store.ingest('a')).close();
      expect(await store.ingestSize('a')).toBeUndefined();
      expect(await store.reserve('../a').catch((error: unknown) => error)).toBeInstanceOf(InvalidError);
    });

    test('an ingest is opened by one writer at a time', async () => {
      const ingest = await store.ingest('a');
      expect(await store.ingestSize('a')).toBeDefined();
      expect(await store.ingest('a').catch((error: unknown) => error)).toBeInstanceOf(ConflictError);
      await ingest.abort();
      await (await store.ingest('a')).abort();
    });

    test('abort forgets the bytes, twice is once', async () => {
      const ingest = await store.ingest('a');
      await ingest.write(hello);
      await ingest.abort();
      await ingest.abort();
      expect(await store.ingestSize('a')).toBeUndefined();
      const next = await store.ingest('a');
      expect(next.size).toBe(0);
      await next.abort();
    });

    test('a finished ingest takes no more', async () => {
      const ingest = await store.ingest('a');
      await ingest.commit();
      expect(await ingest.write(hello).catch((error: unknown) => error)).toBeInstanceOf(ConflictError);
      expect(await ingest.commit().catch((error: unknown) => error)).toBeInstanceOf(ConflictError);
    });

    test('ids that could be paths are refused', async () => {
      for (const id of ['', '../a', 'a/b', 'a.b', 'x'.repeat(129)]) {
        expect(await store.ingest(id).catch((error: unknown) => error)).toBeInstanceOf(InvalidError);
        expect(await store.ingestSize(id)).toBeUndefined();
      }
    });

    test('the same bytes committed at once by many are one blob', async () => {
      const infos = await Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          const ingest = await store.ingest(`writer-${index}`);
          await ingest.write(both);
          return ingest.commit({ digest: digestOf(both) });
        }),
      );
      expect(new Set(infos.map((info) => info.digest)).size).toBe(1);
      expect(await listed(store)).toEqual([{ digest: digestOf(both), size: both.length }]);
    });

    test('a blob that is there already does not excuse wrong bytes', async () => {
      await putBlob(store, both);
      const ingest = await store.ingest('b');
      await ingest.write(hello);
      expect(await ingest.commit({ digest: digestOf(both) }).catch((error: unknown) => error)).toBeInstanceOf(
        CorruptError,
      );
      expect(await (await store.open(digestOf(both))).text()).toBe('hello, world');
    });

    test('delete removes a blob, and is idempotent', async () => {
      const { digest } = await putBlob(store, both);
      await store.delete(digest);
      await store.delete(digest);
      expect(await store.stat(digest)).toBeUndefined();
      expect(await store.open(digest).catch((error: unknown) => error)).toBeInstanceOf(NotFoundError);
    });

    test('list tells every blob', async () => {
      const infos = [await putBlob(store, hello), await putBlob(store, world)];
      const byDigest = (a: BlobInfo, b: BlobInfo) => a.digest.localeCompare(b.digest);
      expect((await listed(store)).toSorted(byDigest)).toEqual(infos.toSorted(byDigest));
    });

    test('what nobody sent since then is listed and removed, what was sent again is not', async () => {
      const { digest, size } = await putBlob(store, both);
      const later = new Date(Date.now() + 60_000);
      expect(await Array.fromAsync(store.list(later))).toEqual([{ digest, size }]);
      await Bun.sleep(20);
      const between = new Date();
      await Bun.sleep(20);
      await putBlob(store, both);
      expect(await Array.fromAsync(store.list(between))).toEqual([]);
      expect(await store.deleteOlder(digest, between)).toBeUndefined();
      expect(await store.stat(digest)).toEqual({ digest, size });
      expect(await store.deleteOlder(digest, later)).toBe(size);
      expect(await store.deleteOlder(digest, later)).toBeUndefined();
      expect(await store.stat(digest)).toBeUndefined();
    });

    test('sweeping drops ingests left behind, not those in use nor those written lately', async () => {
      const abandoned = await store.ingest('abandoned');
      await abandoned.write(hello);
      await abandoned.close();
      const open = await store.ingest('open');
      await open.write(hello);
      await store.sweepIngests(new Date(Date.now() - 60_000));
      expect(await store.ingestSize('abandoned')).toBeDefined();
      await store.sweepIngests(new Date(Date.now() + 60_000), 'other-');
      expect(await store.ingestSize('abandoned')).toBeDefined();
      await store.sweepIngests(new Date(Date.now() + 60_000), 'aban');
      expect(await store.ingestSize('abandoned')).toBeUndefined();
      expect(await store.ingestSize('open')).toBeDefined();
      expect((await open.commit()).digest).toBe(digestOf(hello));
    });
  });
}

async function putBlob(store: ContentStore, bytes: Uint8Array): Promise<BlobInfo> {
  const ingest = await store.ingest(`put-${crypto.randomUUID()}`);
  await ingest.write(bytes);
  return ingest.commit();
}

async function listed(store: ContentStore): Promise<BlobInfo[]> {
  return Array.fromAsync(store.list());
}
