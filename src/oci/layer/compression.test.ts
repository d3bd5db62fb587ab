import { describe, expect, test } from 'bun:test';
import { constants, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { CorruptError, NotFoundError } from '../../lib/errors.ts';
import { decompress, detectCompression } from './compression.ts';
import { gzip } from './gzip.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(source));
}

/** Neither all zeros nor noise: numbers in a row, as text. */
const text = Buffer.from(Array.from({ length: 600_000 }, (_, index) => index).join(' '));

describe('decompress', () => {
  test('tells gzip, zstd and plain bytes apart by their first bytes, one at a time if need be', async () => {
    for (const bytes of [gzipSync(text), zstdCompressSync(text), text]) {
      expect((await collect(decompress(inPieces(bytes, 4096)))).equals(text)).toBe(true);
    }
    expect((await collect(decompress(inPieces(gzipSync('short'), 1)))).toString()).toBe('short');
    expect((await collect(decompress(inPieces(Buffer.from('ab'), 1)))).toString()).toBe('ab');
    expect((await collect(decompress(inPieces(Buffer.alloc(0), 1)))).length).toBe(0);
    expect(detectCompression(Buffer.from('28b52ffd', 'hex'))).toBe('zstd');
  });

  test('reads gzip in several members', async () => {
    const two = Buffer.concat([gzipSync('one '), gzipSync('two')]);
    expect((await collect(decompress(inPieces(two, 7)))).toString()).toBe('one two');
  });

  test('reads zstd in several frames, and skips what says to be skipped', async () => {
    const skipped = Buffer.from('502a4d1805000000aabbccddee', 'hex');
    const frames = Buffer.concat([zstdCompressSync('one '), skipped, zstdCompressSync('two'), skipped]);
    expect((await collect(decompress(inPieces(frames, 7)))).toString()).toBe('one two');
  });

  test.each([
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  ])('refuses broken and cut %s', async (_, packed) => {
    const broken = Buffer.from(packed);
    broken.fill(0xff, broken.length - 3000, broken.length - 2000);
    for (const bytes of [broken, packed.subarray(0, packed.length - 5), packed.subarray(0, 5)]) {
      const failure: unknown = await collect(decompress(inPieces(bytes, 1000))).catch(
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(CorruptError);
    }
  });

  test("passes the source's own failure on", async () => {
    async function* failing() {
      yield gzipSync(text).subarray(0, 1000);
      throw new NotFoundError('gone');
    }
    const failure: unknown = await collect(decompress(failing())).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotFoundError);
  });

  test('lets go of the source when the consumer stops', async () => {
    let closed = false;
    async function* endless() {
      try {
        const zeros = gzipSync(Buffer.alloc(10_000_000));
        yield zeros.subarray(0, 5000);
        for (;;) yield zeros.subarray(5000);
      } finally {
        closed = true;
      }
    }
    for await (const chunk of decompress(endless())) if (chunk.length > 0) break;
    await Bun.sleep(20);
    expect(closed).toBe(true);
  });
});

describe('gzip', () => {
  test('is read by others', async () => {
    for (const bytes of [text, Buffer.alloc(0), Buffer.from('x'), text.subarray(0, 1024 * 1024)]) {
      expect(gunzipSync(await collect(gzip(inPieces(bytes, 100_000)))).equals(bytes)).toBe(true);
    }
  });

  test('depends on the bytes alone, not on how they come', async () => {
    const [one, two] = await Promise.all([5_000, 700_001].map((size) => collect(gzip(inPieces(text, size)))));
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
  });

  test('is about as small as the usual level 6', async () => {
    const packed = await collect(gzip(inPieces(text, 65_536)));
    expect(packed.length / gzipSync(text, { level: 6 }).length).toBeLessThan(1.05);
  });
});
