/** The disk store keeps the contract, and survives what happens to disks and processes. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CorruptError } from '../../lib/errors.ts';
import { digestOf, hexOf } from '../image/digest.ts';
import { contentStoreContract } from './content-store.contract.ts';
import { DiskContentStore } from './disk-content-store.ts';

contentStoreContract('DiskContentStore', async () => {
  const root = await mkdtemp(join(tmpdir(), 'layers-content-'));
  return { store: new DiskContentStore(root), close: () => rm(root, { recursive: true }) };
});

describe('DiskContentStore', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'layers-content-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  test('blobs are read-only files in a directory of their first two digits', async () => {
    const ingest = await new DiskContentStore(root).ingest('a');
    await ingest.write(Buffer.from('x'));
    const hex = hexOf((await ingest.commit()).digest);
    const found = await stat(join(root, 'blobs', 'sha256', hex.slice(0, 2), hex));
    expect(found.mode & 0o777).toBe(0o444);
    expect(await readdir(join(root, 'ingest'))).toEqual([]);
  });

  test('an ingest of an earlier process is hashed from the bytes that are stored', async () => {
    const before = await new DiskContentStore(root).ingest('a');
    await before.write(Buffer.from('hello, '));
    await before.close();
    const after = await new DiskContentStore(root).ingest('a');
    expect(after.size).toBe(7);
    await after.write(Buffer.from('world'));
    expect((await after.commit()).digest).toBe(digestOf('hello, world'));
  });

  test('bytes that the disk lost are noticed at the commit', async () => {
    await mkdir(join(root, 'ingest'));
    await writeFile(join(root, 'ingest', 'a'), Buffer.alloc(7));
    const ingest = await new DiskContentStore(root).ingest('a');
    await ingest.write(Buffer.from('world'));
    const failure = await ingest
      .commit({ digest: digestOf('hello, world') })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CorruptError);
    expect(await readdir(join(root, 'ingest'))).toEqual([]);
  });

  test('a process killed while it writes leaves no blob, and the ingest goes on', async () => {
    const script = `
      import { DiskContentStore } from ${JSON.stringify(join(import.meta.dir, 'disk-content-store.ts'))};
      const ingest = await new DiskContentStore(${JSON.stringify(root)}).ingest('a');
      await ingest.write(Buffer.from('hello, '));
      process.kill(process.pid, 'SIGKILL');`;
    const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'ignore', stderr: 'inherit' });
    await child.exited;
    expect(child.signalCode).toBe('SIGKILL');
    const store = new DiskContentStore(root);
    expect(await Array.fromAsync(store.list())).toEqual([]);
    const ingest = await store.ingest('a');
    expect(ingest.size).toBe(7);
    await ingest.write(Buffer.from('world'));
    expect((await ingest.commit()).digest).toBe(digestOf('hello, world'));
  });

  test('zeros take no room, wherever they are, and come back', async () => {
    const store = new DiskContentStore(root);
    const parts = [Buffer.alloc(100_000), Buffer.from('a'), Buffer.alloc(4096), Buffer.alloc(2 ** 20)];
    const before = await store.ingest('a');
    for (const part of parts) await before.write(part);
    await before.close();
    const ingest = await new DiskContentStore(root).ingest('a');
    expect(ingest.size).toBe(1_152_673);
    await ingest.write(Buffer.alloc(8192));
    const { digest } = await ingest.commit();
    expect(digest).toBe(digestOf(Buffer.concat([...parts, Buffer.alloc(8192)])));
    const hex = hexOf(digest);
    const { size, blocks } = await stat(join(root, 'blobs', 'sha256', hex.slice(0, 2), hex));
    expect(size).toBe(1_160_865);
    expect(blocks * 512).toBeLessThanOrEqual(3 * 4096);
  });

  test('files that are no blobs are not listed', async () => {
    await mkdir(join(root, 'blobs', 'sha256', 'ab'), { recursive: true });
    await writeFile(join(root, 'blobs', 'sha256', 'ab', 'notes.txt'), 'x');
    expect(await Array.fromAsync(new DiskContentStore(root).list())).toEqual([]);
  });
});
