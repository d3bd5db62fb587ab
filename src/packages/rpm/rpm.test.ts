import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { packageUrl } from '../package.ts';
import { parseRpmBerkeley } from './berkeley.ts';
import { parseRpmHeader } from './header.ts';
import { parseRpmNdb } from './ndb.ts';
import { rpmBerkeley, rpmHeader, rpmNdb, rpmSqlite } from './rpm-fixture.ts';
import { parseRpmSqlite } from './sqlite.ts';

const bash = rpmHeader({ name: 'bash', version: '5.2.26', release: '3.fc40', licence: 'GPL-3.0-or-later' });
const bind = rpmHeader({
  name: 'bind-libs',
  version: '9.18',
  release: '1',
  epoch: 32,
  licence: 'x'.repeat(2000),
});
const key = rpmHeader({ name: 'gpg-pubkey', version: 'a15b79cc', release: '1' });

test('a header has name, version with epoch and release, licence and source', () => {
  expect(parseRpmHeader(bash)).toEqual({
    kind: 'rpm',
    name: 'bash',
    version: '5.2.26-3.fc40',
    architecture: 'x86_64',
    licence: 'GPL-3.0-or-later',
    source: { name: 'bash', version: '5.2.26-3.fc40' },
  });
  const installed = parseRpmHeader(bind);
  expect(installed?.version).toBe('32:9.18-1');
  expect(installed && packageUrl(installed, { id: 'fedora', version: '40' })).toBe(
    'pkg:rpm/fedora/bind-libs@9.18-1?arch=x86_64&distro=fedora-40&epoch=32',
  );
});

describe.each([
  ['rpmdb.sqlite', rpmSqlite, parseRpmSqlite],
  ['Packages.db of ndb', rpmNdb, parseRpmNdb],
  ['Packages of Berkeley DB', rpmBerkeley, parseRpmBerkeley],
] as const)('%s', (_, write, read) => {
  test('has every package, and no keys', () => {
    const names = read(write([bash, key, bind])).map(({ name }) => name);
    expect(names).toEqual(['bash', 'bind-libs']);
  });

  test('is read to an end whatever is in it', () => {
    const good = write([bash, bind]);
    const damage = fc.array(fc.tuple(fc.nat(good.byteLength - 1), fc.nat(255)), { maxLength: 40 });
    fc.assert(
      fc.property(damage, fc.nat(good.byteLength), (places, length) => {
        const bytes = Uint8Array.from(good.subarray(0, length));
        for (const [at, value] of places) if (at < length) bytes[at] = value;
        try {
          read(bytes);
        } catch (error) {
          // SQLite says what is wrong with its file; nothing else throws.
          expect((error as Error).name).toBe('SQLiteError');
        }
      }),
      { numRuns: 200 },
    );
  });
});

test('a chain of pages that leads to itself ends', () => {
  const file = rpmBerkeley([bind]);
  new DataView(file.buffer, file.byteOffset).setUint32(2 * 512 + 16, 2, true);
  expect(parseRpmBerkeley(file)).toBeArray();
});
