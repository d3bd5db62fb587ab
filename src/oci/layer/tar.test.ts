/** What is written is read back, whatever the names, numbers and times; and GNU tar agrees. */
import { describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { inPieces } from '../../../tests/support/byte-source.ts';
import { InvalidError } from '../../lib/errors.ts';
import { type TarMember, tar } from './tar.ts';
import type { TarHeader, TarType } from './tar-header.ts';
import { untar } from './untar.ts';

const none = Buffer.alloc(0);

function headerOf(more: Partial<TarHeader>): TarHeader {
  return {
    name: Buffer.from('x'),
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: { seconds: 0, nanoseconds: 0 },
    linkName: none,
    major: 0,
    minor: 0,
    xattrs: new Map(),
    ...more,
  };
}

async function pack(members: readonly TarMember[]): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(tar(members)));
}

function read(bytes: Uint8Array, size = 1 << 20): (TarHeader & { text: Buffer })[] {
  const found = [];
  for (const entry of untar(inPieces(bytes, size))) {
    const text = Buffer.concat(Array.from(entry.content(), (part) => Buffer.from(part)));
    found.push({ ...plainHeader(entry), text });
  }
  return found;
}

function plainHeader(entry: TarHeader): TarHeader {
  const { name, type, mode, uid, gid, size, mtime, linkName, major, minor, xattrs } = entry;
  return { name, type, mode, uid, gid, size, mtime, linkName, major, minor, xattrs };
}

const bytes = (maxLength: number) =>
  fc
    .uint8Array({ minLength: 1, maxLength })
    .map((array) => Buffer.from(array.map((byte) => (byte === 0 ? 1 : byte))));
const name = fc.oneof(
  bytes(20),
  bytes(300),
  fc.array(bytes(60), { maxLength: 8 }).map((parts) => join0(parts)),
);
const time = fc.record({
  seconds: fc.oneof(fc.integer(), fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
  nanoseconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999_999 })),
});
const id = fc.oneof(fc.nat(70_000), fc.integer({ min: 0, max: 0xfffffffe }));
const xattrs = fc
  .dictionary(fc.stringMatching(/^[a-z.]{1,20}$/), fc.uint8Array({ maxLength: 50 }))
  .map((record) => new Map(Object.entries(record).map(([key, value]) => [key, Buffer.from(value)] as const)));

function join0(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [part, Buffer.from('/')]).concat(Buffer.from('end')));
}

const member = fc
  .record({
    name,
    type: fc.constantFrom<TarType>('file', 'link', 'symlink', 'character', 'block', 'directory', 'fifo'),
    mode: fc.nat(0o7777),
    uid: id,
    gid: id,
    mtime: time,
    linkName: name,
    major: fc.nat(0o7777777),
    minor: fc.nat(0o7777777),
    xattrs,
    text: fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array)),
  })
  .map(({ text, ...rest }) => {
    const { type } = rest;
    const isDevice = type === 'character' || type === 'block';
    const content = type === 'file' ? text : none;
    // A file whose name ends in a slash is a directory to every tar.
    const safeName = type === 'file' ? Buffer.concat([rest.name, Buffer.from('f')]) : rest.name;
    return {
      ...rest,
      name: safeName,
      linkName: type === 'link' || type === 'symlink' ? rest.linkName : none,
      ...(!isDevice && { major: 0, minor: 0 }),
      size: content.length,
      text: content,
    };
  });

describe('tar', () => {
  test('members come back as they went in, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(member, { maxLength: 5 }),
        fc.integer({ min: 1, max: 3000 }),
        async (members, size) => {
          const archive = await pack(members.map(({ text, ...header }) => ({ header, content: [text] })));
          expect(archive.length % 512).toBe(0);
          expect(read(archive, size)).toEqual(members);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('short and plain members need no pax header, others do', async () => {
    const plain = await pack([
      { header: headerOf({ name: Buffer.from(`${'d'.repeat(120)}/${'f'.repeat(90)}`) }) },
    ]);
    expect(plain.length).toBe(512 * 3);
    const time = await pack([{ header: headerOf({ mtime: { seconds: -1, nanoseconds: 0 } }) }]);
    expect(time.length).toBe(512 * 5);
  });

  test('a content of another length than announced is refused', async () => {
    for (const content of ['abc', 'abcde']) {
      const header = headerOf({ size: 4 });
      const failure: unknown = await pack([{ header, content: [Buffer.from(content)] }]).catch(
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(InvalidError);
    }
  });

  test('GNU tar lists the same names, sizes, owners and times', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'layers-tar-'));
    try {
      const far = Buffer.from(`${'d'.repeat(200)}/${'f'.repeat(99)}`);
      const archive = await pack([
        { header: headerOf({ name: far, size: 3, uid: 3_000_000 }), content: [Buffer.from('abc')] },
        {
          header: headerOf({
            name: Buffer.from('old'),
            mtime: { seconds: -86_401, nanoseconds: 0 },
          }),
        },
      ]);
      await Bun.write(join(directory, 'x.tar'), archive);
      const listed =
        await Bun.$`tar --utc --full-time --numeric-owner -tvf ${join(directory, 'x.tar')}`.text();
      expect(listed.split('\n')).toEqual([
        expect.stringMatching(new RegExp(`^-rw-r--r-- 3000000/0 +3 1970-01-01 00:00:00 ${far}$`)),
        expect.stringMatching(/^-rw-r--r-- 0\/0 +0 1969-12-30 23:59:59 old$/),
        '',
      ]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
