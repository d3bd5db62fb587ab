import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from './reference.ts';

describe('a reference', () => {
  const hex = 'a'.repeat(64);
  const table: [text: string, canonical: string, familiar: string][] = [
    ['ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
    ['ubuntu:24.04', 'docker.io/library/ubuntu:24.04', 'ubuntu:24.04'],
    ['library/ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
    ['docker.io/ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
    ['index.docker.io/library/ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
    ['registry-1.docker.io/a/b', 'docker.io/a/b', 'a/b'],
    ['ricdtaveira/ubuntu:1.0', 'docker.io/ricdtaveira/ubuntu:1.0', 'ricdtaveira/ubuntu:1.0'],
    ['localhost/x', 'localhost/x', 'localhost/x'],
    ['localhost:5000/x/y:z', 'localhost:5000/x/y:z', 'localhost:5000/x/y:z'],
    ['127.0.0.1:5000/x', '127.0.0.1:5000/x', '127.0.0.1:5000/x'],
    ['[::1]:5000/x', '[::1]:5000/x', '[::1]:5000/x'],
    [`a@sha256:${hex}`, `docker.io/library/a@sha256:${hex}`, `a@sha256:${hex}`],
    [`a:1@sha256:${hex}`, `docker.io/library/a:1@sha256:${hex}`, `a:1@sha256:${hex}`],
    ['a/b/c/d', 'docker.io/a/b/c/d', 'a/b/c/d'],
    ['a__b/c--d.e', 'docker.io/a__b/c--d.e', 'a__b/c--d.e'],
  ];
  for (const [text, canonical, familiar] of table) {
    test(`${text} is ${canonical}`, () => {
      const reference = parseReference(text);
      expect(formatReference(reference)).toBe(canonical);
      expect(familiarReference(reference)).toBe(familiar);
    });
  }

  for (const text of [
    '',
    ':',
    'a:',
    ':a',
    'A',
    'a//b',
    '/a',
    'a/',
    'a b',
    'a:b c',
    'a@b',
    'a@sha256:00',
    '..',
    'a/../b',
    '-a',
    'a_',
    'ü',
    'a\n',
    `a:${'t'.repeat(129)}`,
    'x'.repeat(256),
  ]) {
    test(`${JSON.stringify(text.slice(0, 20))} is refused`, () => {
      expect(() => parseReference(text)).toThrow();
    });
  }

  test('64 hexadecimal digits are an id, never a name', () => {
    expect(() => parseReference(hex)).toThrow('cannot specify 64-byte hexadecimal strings');
  });

  test('upper case names are refused with the part that is wrong', () => {
    expect(() => parseReference('alice/App')).toThrow('repository name (alice/App) must be lowercase');
  });

  test('latest is the tag where nothing else is named', () => {
    expect(withDefaultTag(parseReference('a')).tag).toBe('latest');
    expect(withDefaultTag(parseReference(`a@sha256:${hex}`)).tag).toBeUndefined();
  });

  test('both written forms parse back to the same reference', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const reference: fc.Arbitrary<Reference> = fc.record({
      domain: fc.constantFrom('docker.io', 'localhost', 'ghcr.io', 'r.example:5000'),
      path: fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/')),
      tag: fc.stringMatching(/^\w[\w.-]{0,20}$/),
    });
    fc.assert(
      fc.property(reference, (value) => {
        fc.pre(!/^(localhost)$/.test(value.path.split('/')[0] ?? ''));
        expect(parseReference(formatReference(value))).toEqual(value);
        expect(parseReference(familiarReference(value))).toEqual(value);
      }),
    );
  });

  test('no text makes the parser fail in another way than by refusing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        try {
          const reference = parseReference(text);
          expect(parseReference(formatReference(reference))).toEqual(reference);
        } catch (error) {
          expect(error).toHaveProperty('name', 'InvalidError');
        }
      }),
    );
  });
});
