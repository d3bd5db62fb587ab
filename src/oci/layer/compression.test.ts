import { describe, expect, test } from 'bun:test';
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { decompressed, inPieces } from '../../../tests/support/byte-source.ts';
import { CorruptError, NotFoundError } from '../../lib/errors.ts';
import { detectCompression } from './compression.ts';
import { gzip } from './gzip.ts';
import { zstd } from './zstd.ts';

/** Neither all zeros nor noise: numbers in a row, as text. */
const text = Buffer.from(Array.from({ length: 600_000 }, (_, index) => index).join(' '));

function plain(bytes: Uint8Array, size?: number, pieceSize?: number): Buffer {
  return Buffer.concat([...decompressed(inPieces(bytes, size), pieceSize)]);
}

describe('decompress', () => {
  test('tells gzip, zstd and plain bytes apart by their first bytes, one at a time if need be', () => {
    for (const bytes of [gzipSync(text), zstdCompressSync(text), text]) {
      expect(plain(bytes, 4096).equals(text)).toBe(true);
    }
    expect(plain(gzipSync('short'), 1).toString()).toBe('short');
    expect(plain(zstdCompressSync('short'), 1).toString()).toBe('short');
    expect(plain(Buffer.from('ab'), 1).toString()).toBe('ab');
    expect(plain(Buffer.alloc(0), 1).length).toBe(0);
    expect(detectCompression(Buffer.from('28b52ffd', 'hex'))).toBe('zstd');
  });

  test('gives the same bytes however they are cut on either side', () => {
    const short = text.subarray(0, 3000);
    fc.assert(
      fc.property(
        fc.constantFrom(gzipSync(short), zstdCompressSync(short), short, gzipSync(short, { level: 0 })),
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 1, max: 700 }),
        (bytes, size, pieceSize) => plain(bytes, size, pieceSize).equals(short),
      ),
    );
  });

  test('reads gzip in several members, and stops at padding', () => {
    const two = Buffer.concat([gzipSync('one '), gzipSync('two')]);
    for (const size of [1, 7, 1000]) {
      expect(plain(two, size).toString()).toBe('one two');
      expect(plain(Buffer.concat([two, Buffer.alloc(40)]), size).toString()).toBe('one two');
    }
  });

  test('reads over what a header may hold: an extra field, a name, a comment', () => {
    const fixed = Buffer.from('1f8b081c000000000003', 'hex');
    const more = Buffer.from('\x03\0ABCname\0comment\0', 'latin1');
    const file = Buffer.concat([fixed, more, gzipSync('text').subarray(10)]);
    for (const size of [1, 1000]) expect(plain(file, size).toString()).toBe('text');
  });

  test('reads zstd in several frames, and skips what says to be skipped', () => {
    const skipped = Buffer.from('502a4d1805000000aabbccddee', 'hex');
    const frames = Buffer.concat([zstdCompressSync('one '), skipped, zstdCompressSync('two'), skipped]);
    for (const size of [1, 7, 1000]) expect(plain(frames, size).toString()).toBe('one two');
  });

  test.each([
    ['gzip', gzipSync(text)],
    ['gzip of two members', Buffer.concat([gzipSync('one'), gzipSync(text)])],
    ['zstd', zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
    [
      'zstd of two frames',
      Buffer.concat([
        zstdCompressSync('one'),
        zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
      ]),
    ],
  ])('refuses broken and cut %s', (_, packed) => {
    const broken = Buffer.from(packed);
    broken.fill(0xff, broken.length - 3000, broken.length - 2000);
    const wrongSum = Buffer.from(packed);
    wrongSum[wrongSum.length - 1] = (wrongSum.at(-1) ?? 0) ^ 1;
    for (const bytes of [broken, wrongSum, packed.subarray(0, packed.length - 5), packed.subarray(0, 5)]) {
      for (const size of [1000, 1 << 20]) expect(() => plain(bytes, size)).toThrow(CorruptError);
    }
  });

  test('refuses what follows a member and is neither another nor padding', () => {
    expect(() => plain(Buffer.concat([gzipSync('one'), Buffer.from('two')]))).toThrow(CorruptError);
  });

  test('takes any mutation as broken or as other bytes, within the memory that it has', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(gzipSync(text.subarray(0, 5000)), zstdCompressSync(text.subarray(0, 5000))),
        fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (good, changes) => {
          const bad = Buffer.from(good);
          for (const [at, value] of changes) if (at < bad.length) bad[at] = value;
          try {
            let size = 0;
            for (const piece of decompressed(inPieces(bad, 333))) if ((size += piece.length) > 1e7) break;
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("passes the source's own failure on", () => {
    const parts = [gzipSync(text).subarray(0, 1000)];
    const failing = (): Uint8Array => {
      const part = parts.shift();
      if (!part) throw new NotFoundError('gone');
      return part;
    };
    expect(() => Array.from(decompressed(failing))).toThrow(NotFoundError);
  });
});

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(source));
}

describe('gzip', () => {
  test('is read by others', async () => {
    for (const bytes of [text, Buffer.alloc(0), Buffer.from('x'), text.subarray(0, 1024 * 1024)]) {
      expect(gunzipSync(await collect(gzip(piecesOf(bytes, 100_000)))).equals(bytes)).toBe(true);
    }
  });

  test('depends on the bytes alone, not on how they come', async () => {
    const [one, two] = await Promise.all([5_000, 700_001].map((size) => collect(gzip(piecesOf(text, size)))));
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
  });

  test('is about as small as the usual level 6', async () => {
    const packed = await collect(gzip(piecesOf(text, 65_536)));
    expect(packed.length / gzipSync(text, { level: 6 }).length).toBeLessThan(1.05);
  });
});

describe('zstd', () => {
  const large = Buffer.concat(Array.from({ length: 3 }, () => text));

  test('is read by others, and by us', async () => {
    for (const bytes of [large, Buffer.alloc(0), Buffer.from('x')]) {
      const packed = await collect(zstd(piecesOf(bytes, 100_000)));
      expect(zstdDecompressSync(packed).equals(bytes)).toBe(true);
      expect(plain(packed, 4096).equals(bytes)).toBe(true);
    }
  });

  test('depends on the bytes and the level alone, not on how they come', async () => {
    const [one, two, higher] = await Promise.all([
      collect(zstd(piecesOf(large, 5_000))),
      collect(zstd(piecesOf(large, 700_001))),
      collect(zstd(piecesOf(large, 700_001), 19)),
    ]);
    expect(one.equals(two)).toBe(true);
    expect(higher.length).toBeLessThan(one.length);
  });
});
