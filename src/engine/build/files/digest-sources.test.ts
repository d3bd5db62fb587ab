import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setXattr } from '../../linux/xattr.ts';
import { type Files, FilesFixture, type Form } from './files-fixture.ts';

setDefaultTimeout(60_000);

const source: Files = {
  'd/a': { text: 'a', mode: 0o644 },
  'd/sub/b': 'b',
  'd/link': '-> a',
  'd/skip.log': 'log',
  other: 'other',
};

async function digest(files: Files, form: Partial<Omit<Form, 'to'>> = {}): Promise<string> {
  using fixture = new FilesFixture({ source: files });
  return await fixture.digest({ from: ['d'], ...form });
}

describe('the digest of what is copied', () => {
  let plain = '';
  beforeAll(async () => {
    plain = await digest(source);
  });

  const changes: readonly (readonly [what: string, files: Files, form?: Partial<Omit<Form, 'to'>>])[] = [
    ['bytes', { ...source, 'd/a': 'A' }],
    ['modes', { ...source, 'd/a': { text: 'a', mode: 0o600 } }],
    ['modes of directories', { ...source, 'd/sub/': { text: '', mode: 0o700 } }],
    ['names', { ...source, 'd/sub/b': '-> x', 'd/sub/c': 'b' }],
    ['new files', { ...source, 'd/new': '' }],
    ['new directories', { ...source, 'd/empty/': '' }],
    ['link targets', { ...source, 'd/link': '-> b' }],
    ['kinds', { ...source, 'd/link': 'a' }],
    ['owners, where they are kept', { ...source, 'd/a': { text: 'a', owner: 5 } }, { isStage: true }],
    ['being unpacked', source, { unpack: true }],
    ['more sources', source, { from: ['d', 'other'] }],
  ];
  for (const [what, files, form] of changes) {
    test(`changes with ${what}`, async () => {
      expect(await digest(files, form)).not.toBe(plain);
    });
  }

  test('is one of the content alone', async () => {
    using fixture = new FilesFixture({
      source: { ...source, another: 'x', 'd/a': { text: 'a', mode: 0o644, owner: 9 } },
    });
    utimesSync(join(fixture.source, 'd/sub/b'), 5, 5);
    expect<string>(await fixture.digest({ from: ['/d/'] })).toBe(plain);
  });

  test('does not see what is left out', async () => {
    const { 'd/skip.log': _, ...rest } = source;
    const without = await digest(rest);
    expect(await digest(source, { excludes: ['*.log'] })).toBe(without);
    expect(await digest(source, { ignore: ['**/*.log'] })).toBe(without);
  });

  test('has the name of a file, since a copy may have it, too', async () => {
    expect(await digest({ one: 'x', two: 'x' }, { from: ['one'] })).not.toBe(
      await digest({ one: 'x', two: 'x' }, { from: ['two'] }),
    );
  });

  test('has extended attributes', async () => {
    using fixture = new FilesFixture({ source });
    setXattr(join(fixture.source, 'd/a'), 'user.why', Buffer.from('so'));
    expect<string>(await fixture.digest({ from: ['d'] })).not.toBe(plain);
  });

  test('has heredocs', async () => {
    const of = (content: string) => digest({}, { from: [{ kind: 'inline', name: 'f', content }] });
    expect(await of('a')).not.toBe(await of('b'));
  });

  test('of what is not there is refused', async () => {
    await expect(digest(source, { from: ['none'] })).rejects.toThrow('"/none": not found');
  });
});
