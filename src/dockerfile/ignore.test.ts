import { describe, expect, test } from 'bun:test';
import { parseIgnore } from './ignore.ts';

function ignored(text: string, ...paths: readonly string[]): readonly string[] {
  const rules = parseIgnore(text);
  return paths.filter((path) => rules.ignores(path));
}

describe('what a line leaves out', () => {
  test.each([
    ['temp', ['temp', 'temp/a', 'a/temp', 'temporary'], ['temp', 'temp/a']],
    ['/temp/', ['temp', 'temp/a/b'], ['temp', 'temp/a/b']],
    ['*/temp*', ['temp', 'a/temp', 'a/temp1/x', 'a/b/temp'], ['a/temp', 'a/temp1/x']],
    ['temp?', ['temp', 'tempa', 'tempab'], ['tempa']],
    ['**/*.go', ['a.go', 'a/b.go', 'a/b/c.go', 'a.c'], ['a.go', 'a/b.go', 'a/b/c.go']],
    [
      '**/node_modules',
      ['node_modules', 'a/b/node_modules/x', 'a/xnode_modules'],
      ['node_modules', 'a/b/node_modules/x'],
    ],
    ['a/**', ['a', 'a/b', 'a/b/c', 'ab'], ['a/b', 'a/b/c']],
    ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z', 'az'], ['a/z', 'a/b/z', 'a/b/c/z']],
    ['**.md', ['a.md', 'b/a.md', 'md'], ['a.md', 'b/a.md']],
    ['**', ['a', 'b/c'], ['a', 'b/c']],
    ['[a-c].txt', ['a.txt', 'd.txt'], ['a.txt']],
    ['[^a].txt', ['a.txt', 'd.txt'], ['d.txt']],
    [String.raw`\*.txt`, ['*.txt', 'a.txt'], ['*.txt']],
    ['a.b', ['a.b', 'axb'], ['a.b']],
    ['x (1)+{2}$', ['x (1)+{2}$'], ['x (1)+{2}$']],
    ['./a/../b', ['b', 'a'], ['b']],
    ['.', ['a', 'b/c'], []],
    ['# temp', ['# temp', 'temp'], []],
  ])('%s', (line, paths, expected) => {
    expect(ignored(line, ...paths)).toEqual([...expected]);
  });

  test('the last line that matches wins', () => {
    expect(ignored('*.md\n!README.md', 'a.md', 'README.md')).toEqual(['a.md']);
    expect(ignored('*.md\n!README*.md\nREADME-secret.md', 'README-secret.md', 'README-x.md')).toEqual([
      'README-secret.md',
    ]);
    expect(ignored('*\n!src\nsrc/x', 'a', 'src', 'src/a', 'src/x/y')).toEqual(['a', 'src/x/y']);
  });

  test('blanks, carriage returns and a byte order mark around lines do not count', () => {
    expect(ignored('\uFEFF a \r\n\r\n! a/b \r\n', 'a', 'a/b', 'b')).toEqual(['a']);
  });

  test('what is no pattern is refused', () => {
    expect(() => parseIgnore('a\n!\n')).toThrow('illegal exclusion pattern: "!"');
    expect(() => parseIgnore('a[b')).toThrow('syntax error in pattern: "a[b"');
  });
});

describe('an ignored directory is opened', () => {
  test.each([
    ['*', 'node_modules', false],
    ['*\n!src', 'node_modules', false],
    ['*\n!src/a/b', 'src', true],
    ['*\n!src/a/b', 'src/a', true],
    ['*\n!src/a/b', 'src/c', false],
    ['*\n!*/keep', 'anything', true],
    ['*\n!**/keep', 'a/b/c', true],
    ['*\n!src/**/keep', 'lib', false],
    ['*\n!src/**/keep', 'src/a/b', true],
  ])('%j: %s → %j', (text, directory, expected) => {
    expect(parseIgnore(text).mayIncludeBelow(directory)).toBe(expected);
  });
});
