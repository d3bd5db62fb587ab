import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveUser } from './user.ts';

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'networks-spec-user-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\n# comment\nann:x:1000:100::/home/ann:/bin/sh\nbroken\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nwheel:x:10:root,ann\nusers:x:100:\nbob:x:7:\n');
});

afterAll(() => rmSync(root, { recursive: true }));

describe('resolveUser()', () => {
  test('is root when nobody is named', () => {
    expect(resolveUser(root, '', [])).toEqual({ uid: 0, gid: 0, additionalGids: [0, 10], home: '/root' });
  });

  test('finds a user by name and by number', () => {
    const ann = { uid: 1000, gid: 100, additionalGids: [100, 10], home: '/home/ann' };
    expect(resolveUser(root, 'ann', [])).toEqual(ann);
    expect(resolveUser(root, '1000', [])).toEqual(ann);
  });

  test('takes a group by name or number, and then no supplementary ones', () => {
    expect(resolveUser(root, 'ann:wheel', [])).toMatchObject({ gid: 10, additionalGids: [10] });
    expect(resolveUser(root, '5:77', [])).toEqual({ uid: 5, gid: 77, additionalGids: [77], home: '/' });
  });

  test('adds the groups of --group-add', () => {
    expect(resolveUser(root, 'ann', ['bob', '4321'])).toMatchObject({ additionalGids: [100, 10, 7, 4321] });
  });

  test("fails in docker's words", () => {
    expect(() => resolveUser(root, 'eve', [])).toThrow(
      'unable to find user eve: no matching entries in passwd file',
    );
    expect(() => resolveUser(root, 'ann:eves', [])).toThrow(
      'unable to find group eves: no matching entries in group file',
    );
    expect(() => resolveUser(root, 'ann', ['eves'])).toThrow('Unable to find group eves');
    expect(() => resolveUser(root, '2147483648', [])).toThrow('uids and gids must be in range 0-2147483647');
  });

  test('needs no files for numbers', () => {
    expect(resolveUser('/nonexistent', '12:34', [])).toMatchObject({ uid: 12, gid: 34 });
  });
});
