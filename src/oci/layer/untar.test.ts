/** Archives of other programs, and archives that no program should write. */
import { describe, expect, test } from 'bun:test';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { inPieces } from '../../../tests/support/byte-source.ts';
import { CaisError, CorruptError } from '../../lib/errors.ts';
import { formatPax } from './pax.ts';
import { tar } from './tar.ts';
import { parseNumber } from './tar-header.ts';
import { type TarEntry, untar } from './untar.ts';

function entriesOf(archive: Uint8Array): (TarEntry & { text: Buffer })[] {
  const found: (TarEntry & { text: Buffer })[] = [];
  for (const entry of untar(inPieces(archive))) {
    const text = Buffer.concat(Array.from(entry.content(), (part) => Buffer.from(part)));
    found.push(Object.assign(entry, { text }));
  }
  return found;
}

function failureOf(archive: Uint8Array): unknown {
  try {
    return entriesOf(archive);
  } catch (error) {
    return error;
  }
}

/** A header block by hand, so that it can say what the writer never would. */
function block(fields: {
  name?: string;
  size?: string;
  type?: string;
  magic?: string;
  patch?: [number, Buffer];
}): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write(fields.name ?? 'x', 0, 'latin1');
  bytes.write(['0000644', '0000000', '0000000', ''].join('\0'), 100, 'latin1');
  bytes.write(fields.size ?? '00000000000\0', 124, 'latin1');
  bytes.write('00000000000\0', 136, 'latin1');
  bytes.write('        ', 148, 'latin1');
  bytes.write(fields.type ?? '0', 156, 'latin1');
  bytes.write(fields.magic ?? 'ustar\x0000', 257, 'latin1');
  if (fields.patch) bytes.set(fields.patch[1], fields.patch[0]);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function sized(type: string, content: Buffer, name = 'x'): Buffer {
  const size = `${content.length.toString(8).padStart(11, '0')}\0`;
  return Buffer.concat([block({ type, size, name }), padded(content)]);
}

describe('untar reads', () => {
  test.each(['0.0', '0.1', '1.0', 'oldgnu'])('sparse files of GNU tar, format %s', async (version) => {
    const directory = await mkdtemp(join(tmpdir(), 'layers-sparse-'));
    try {
      const path = join(directory, 'sparse');
      const expected = Buffer.alloc(3_000_000);
      await writeFile(path, '');
      await truncate(path, expected.length);
      const file = Bun.spawn([
        'sh',
        '-c',
        `for i in $(seq 0 40); do printf data | dd of=${path} bs=1 seek=$((i * 65536 + 7)) conv=notrunc status=none; done`,
      ]);
      await file.exited;
      for (let index = 0; index <= 40; index++) expected.write('data', index * 65_536 + 7);
      const format =
        version === 'oldgnu' ? ['--format=gnu'] : ['--format=posix', `--sparse-version=${version}`];
      const archive = await Bun.$`tar ${format} --sparse -C ${directory} -cf - sparse`.quiet().arrayBuffer();
      const [entry, ...rest] = entriesOf(new Uint8Array(archive));
      expect(rest).toEqual([]);
      expect(archive.byteLength).toBeLessThan(expected.length / 2);
      expect(entry?.name.toString()).toBe('sparse');
      expect(entry?.size).toBe(expected.length);
      expect(entry?.segments.length).toBeGreaterThan(30);
      expect(entry?.text.equals(expected)).toBe(true);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('long names and links of old GNU tar', () => {
    const [long, link] = ['n'.repeat(300), 'l'.repeat(300)];
    const [entry] = entriesOf(
      Buffer.concat([
        sized('L', Buffer.from(`${long}\0`), '././@LongLink'),
        sized('K', Buffer.from(`${link}\0`), '././@LongLink'),
        block({ type: '2', magic: 'ustar  \0', name: long.slice(0, 100) }),
      ]),
    );
    expect(entry?.name.toString()).toBe(long);
    expect(entry?.linkName.toString()).toBe(link);
  });

  test('global pax headers, until a member says otherwise', () => {
    const archive = Buffer.concat([
      sized(
        'g',
        formatPax([
          ['uid', Buffer.from('7')],
          ['mtime', Buffer.from('1.5')],
        ]),
      ),
      block({ name: 'a' }),
      sized(
        'x',
        formatPax([
          ['uid', Buffer.from('8')],
          ['mtime', Buffer.alloc(0)],
        ]),
      ),
      block({ name: 'b' }),
      block({ name: 'c' }),
    ]);
    const entries = entriesOf(archive);
    expect(entries.map(({ uid }) => uid)).toEqual([7, 8, 7]);
    expect(entries.map(({ mtime }) => mtime.nanoseconds)).toEqual([500_000_000, 0, 500_000_000]);
  });

  test('archives from before POSIX, where a slash makes a directory', () => {
    const [entry] = entriesOf(block({ name: 'dir/', type: '\0', magic: '\0' }));
    expect(entry?.type).toBe('directory');
  });

  test('numbers in base 256, negative ones too', () => {
    expect(parseNumber(Buffer.from('800000000000000000000100', 'hex'), 0, 12)).toBe(256);
    expect(parseNumber(Buffer.from('ffffffffffffffffffffffff', 'hex'), 0, 12)).toBe(-1);
    expect(parseNumber(Buffer.from('fffffffffffffffffffeae80', 'hex'), 0, 12)).toBe(-86_400);
    expect(() => parseNumber(Buffer.from('80ffffffffffffffffffffff', 'hex'), 0, 12)).toThrow(CorruptError);
  });

  test('what a consumer leaves unread is skipped', () => {
    const archive = Buffer.concat([sized('0', Buffer.alloc(5000), 'a'), sized('0', Buffer.alloc(5000), 'b')]);
    const names = Array.from(untar(inPieces(archive)), (entry) => entry.name.toString());
    expect(names).toEqual(['a', 'b']);
  });

  test('the source to its end, so that whoever hashes it sees all', () => {
    const parts = [block({}), Buffer.alloc(1024), Buffer.from('trailing')];
    Array.from(
      untar(() => parts.shift() ?? Buffer.alloc(0)),
      (entry) => entry.name,
    );
    expect(parts).toEqual([]);
  });
});

describe('untar refuses', () => {
  const cases: Record<string, Buffer> = {
    'a size below zero': block({ patch: [124, Buffer.from('ffffffffffffffffffffffff', 'hex')] }),
    'digits that are not octal': block({ size: '0000000000z\0' }),
    'a pax record longer than its header': sized('x', Buffer.from('99 path=x\n')),
    'a pax record without an equals sign': sized('x', Buffer.from('9 pathxx\n')),
    'a pax record without its newline': sized('x', Buffer.from('9 path=xx')),
    'a zero byte in a name': Buffer.concat([
      sized('x', formatPax([['path', Buffer.from('a\0b')]])),
      block({}),
    ]),
    'a time that is none': Buffer.concat([sized('x', formatPax([['mtime', Buffer.from('now')]])), block({})]),
    'sparse segments that overlap': Buffer.concat([
      sized(
        'x',
        formatPax([
          ['GNU.sparse.numblocks', Buffer.from('2')],
          ['GNU.sparse.size', Buffer.from('9')],
          ['GNU.sparse.map', Buffer.from('0,4,2,4')],
        ]),
      ),
      sized('0', Buffer.alloc(8)),
    ]),
    'sparse segments beyond the end': Buffer.concat([
      sized(
        'x',
        formatPax([
          ['GNU.sparse.numblocks', Buffer.from('1')],
          ['GNU.sparse.size', Buffer.from('4')],
          ['GNU.sparse.map', Buffer.from('2,8')],
        ]),
      ),
      sized('0', Buffer.alloc(8)),
    ]),
    'more sparse data than there is': Buffer.concat([
      sized(
        'x',
        formatPax([
          ['GNU.sparse.numblocks', Buffer.from('1')],
          ['GNU.sparse.size', Buffer.from('900')],
          ['GNU.sparse.map', Buffer.from('0,900')],
        ]),
      ),
      sized('0', Buffer.alloc(8)),
    ]),
  };
  test.each(Object.entries(cases))('%s', (_, archive) => {
    expect(failureOf(archive)).toBeInstanceOf(CorruptError);
  });

  test('any mutation of a good archive with an error of ours, or reads it, and never hangs', async () => {
    const header = {
      name: Buffer.from('name'.repeat(40)),
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: 700,
      mtime: { seconds: -5, nanoseconds: 7 },
      linkName: Buffer.alloc(0),
      major: 0,
      minor: 0,
      xattrs: new Map([['user.a', Buffer.from('b')]]),
    } as const;
    const good = Buffer.concat(await Array.fromAsync(tar([{ header, content: [Buffer.alloc(700)] }])));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(good.length),
        (changes, length) => {
          const bad = Buffer.from(good.subarray(0, length));
          for (const [at, value] of changes) if (at < bad.length) bad[at] = value;
          const failure = failureOf(bad);
          expect(Array.isArray(failure) || failure instanceof CaisError).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
