import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { HubFixture, origin } from '../testing/hub-fixture.ts';
import { placeOf } from './address.ts';
import { RegistryFailure, UnsatisfiableRangeFailure } from './failure.ts';
import { parseContentRange, parseRange, rangeHeader } from './upload-range.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

describe('an address', () => {
  test.each([
    ['/v2/', { kind: 'root' }],
    ['/v2/a/b/manifests/latest', { kind: 'manifest', repository: 'a/b', reference: 'latest' }],
    ['/v2/a/b/blobs/sha256%3Aab', { kind: 'blob', repository: 'a/b', digest: 'sha256:ab' }],
    ['/v2/a/b/blobs/uploads/', { kind: 'uploads', repository: 'a/b' }],
    ['/v2/a/b/blobs/uploads', { kind: 'uploads', repository: 'a/b' }],
    ['/v2/a/b/blobs/uploads/id', { kind: 'upload', repository: 'a/b', id: 'id' }],
    ['/v2/a/b/tags/list', { kind: 'tags', repository: 'a/b' }],
    ['/v2/a/b/referrers/sha256:ab', { kind: 'referrers', repository: 'a/b', digest: 'sha256:ab' }],
    ['/v2/a/manifests/b/manifests/c', { kind: 'manifest', repository: 'a/manifests/b', reference: 'c' }],
  ])('%p leads somewhere', (pathname, place) => {
    expect(placeOf(pathname)).toEqual(place as never);
  });

  test('of any kind never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        placeOf(`/v2/${text}`);
        placeOf(`/v2/a/manifests/${text}`);
      }),
    );
  });

  const names = [
    '..',
    '../etc',
    '%2e%2e%2fetc',
    'a//b',
    'a\\b',
    'a%00b',
    'a/b.',
    '.a/b',
    '_uploads',
    'A/b',
    'a/B',
    `a/${'b'.repeat(260)}`,
    'ä/b',
    'a%2fb',
    '%',
  ];
  test.each(names)('with the name %p is refused, and nothing is written', async (name) => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.fullToken('alice', 'alice/app');
    for (const [method, rest] of [
      ['GET', 'manifests/latest'],
      ['PUT', 'manifests/latest'],
      ['POST', 'blobs/uploads/'],
      ['GET', 'blobs/sha256:../../x'],
      ['PATCH', 'blobs/uploads/..%2f..%2fx'],
      ['GET', 'tags/list'],
    ] as const) {
      const response = await hub.send(method, `${origin}/v2/${name}/${rest}`, { token });
      expect([400, 401, 404, 405]).toContain(response.status);
    }
    const files = await readdir(hub.directory, { recursive: true });
    expect(files.filter((file) => /^hub\/(blobs|ingest)/.test(file))).toEqual([]);
  });

  test('made of anything is answered, never with a fault, and writes nowhere else', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.fullToken('alice', 'alice/app');
    const before = await filesOf(hub);
    const piece = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '%2e%2e',
        '%2f',
        '%5c',
        '%00',
        '\\',
        'blobs',
        'uploads',
        'manifests',
        'sha256:',
        'a',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ maxLength: 20 }).map(encodeURIComponent),
    );
    const segment = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
    const address = fc.tuple(
      fc.constantFrom('alice/app/blobs', 'alice/app/manifests', 'alice/app/blobs/uploads', 'alice', ''),
      fc.array(segment, { minLength: 1, maxLength: 3 }),
    );
    const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'POST');
    await fc.assert(
      fc.asyncProperty(method, address, async (how, [start, rest]) => {
        const url = URL.parse(`${origin}/v2/${start}/${rest.join('/')}`);
        fc.pre(url !== null);
        const body = how === 'PUT' || how === 'PATCH' ? 'bytes' : undefined;
        const response = await hub.send(how, url.href, { token, ...(body !== undefined && { body }) });
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: 400 },
    );
    const ingests = (file: string): boolean => !file.startsWith('hub/ingest/');
    expect((await filesOf(hub)).filter(ingests)).toEqual(before.filter(ingests));
  });

  test.each([
    'sha256:../../x',
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'A'.repeat(64)}`,
    'md5:abc',
    'sha512:ab',
  ])('with the digest %p is refused', async (digest) => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.fullToken('alice', 'alice/app');
    for (const kind of ['blobs', 'manifests', 'referrers']) {
      const path = `/v2/alice/app/${kind}/${encodeURIComponent(digest)}`;
      expect((await hub.send('GET', path, { token })).status).toBe(400);
    }
  });
});

async function filesOf(hub: HubFixture): Promise<readonly string[]> {
  return (await readdir(hub.directory, { recursive: true })).toSorted();
}

describe('the range of a chunk', () => {
  test('is read back as it was written, in each of its forms', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 2 ** 40 }), (start, length) => {
        const text = `${start}-${start + length - 1}`;
        for (const form of [text, `bytes ${text}/*`, `bytes ${text}/${start + length}`, ` bytes=${text} `]) {
          expect(parseContentRange(form)).toEqual({ start, length });
        }
        if (start > 0) expect(parseContentRange(rangeHeader(start))).toEqual({ start: 0, length: start });
      }),
    );
  });

  test('of any text has a byte in it, or is refused', () => {
    const digits = fc.stringMatching(/^\d{0,20}$/);
    const text = fc.oneof(
      fc.string(),
      fc.tuple(digits, digits).map(([from, to]) => `${from}-${to}`),
    );
    fc.assert(
      fc.property(text, (header) => {
        try {
          const { start, length } = parseContentRange(header);
          expect(Number.isSafeInteger(start) && start >= 0).toBe(true);
          expect(Number.isSafeInteger(length) && length >= 1).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RegistryFailure);
        }
      }),
    );
  });
});

describe('a range', () => {
  test('lies within the blob, or is refused, or means the whole', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(10_000), (text, size) => {
        for (const header of [text, `bytes=${text}`, `bytes=${size % 7}-${text}`]) {
          try {
            const range = parseRange(header, size);
            if (!range) continue;
            expect(range.start).toBeGreaterThanOrEqual(0);
            expect(range.end).toBeGreaterThan(range.start);
            expect(range.end).toBeLessThanOrEqual(size);
          } catch (error) {
            expect(error).toBeInstanceOf(UnsatisfiableRangeFailure);
          }
        }
      }),
    );
  });
});
