import { describe, expect, test } from 'bun:test';
import { expandWord } from '../expand.ts';
import { parseDockerfile } from '../parse.ts';
import { comment, quotedValue, shellPath } from './quote.ts';
import { removalLines } from './removal.ts';

describe('a value', () => {
  test.each(['plain', '', 'two words', '$HOME', String.raw`back\slash`, '"quoted"', "it's", '#', 'ä ö'])(
    '%j is read as itself',
    (value) => expect(expandWord(quotedValue(value), () => 'replaced', '\\')).toBe(value),
  );
});

test('a comment is one line, whatever the image says', () => {
  expect(comment('x\nRUN evil\r\u2028y')).toBe('# x RUN evil y');
});

describe('a path', () => {
  test.each([
    ['/a/b-c.d', '/a/b-c.d'],
    ['/a b', "'/a b'"],
    ["/it's $x", String.raw`'/it'\''s $x'`],
    ['/line\nbreak', String.raw`"$(printf '/line\012break')"`],
  ])('%j is a word of a shell', (path, word) => expect(shellPath(Buffer.from(path))).toBe(word));

  test('a shell sees the very bytes', async () => {
    const paths = ['/a b', '/it\'s $x `y` \\ "', '/line\nbreak', '/100%', 'tab\there'].map((text) =>
      Buffer.from(text),
    );
    paths.push(Buffer.from([0x2f, 0xff, 0x25, 0x5c]));
    for (const path of paths) {
      const child = Bun.spawn(['sh', '-c', `printf %s ${shellPath(path)}`], { stdout: 'pipe' });
      expect(Buffer.from(await new Response(child.stdout).arrayBuffer())).toEqual(path);
    }
  });
});

describe('removing', () => {
  test('is one line, and several where it would be too long for a shell', () => {
    expect(removalLines([], null)).toEqual([]);
    expect(removalLines([Buffer.from('/a'), Buffer.from('/b')], null)).toEqual(['RUN rm -rf /a \\\n    /b']);
    const many = Array.from({ length: 20_000 }, (_, index) => Buffer.from(`/directory/${index}`));
    const lines = removalLines(many, null);
    expect(lines.length).toBeGreaterThan(2);
    expect(parseDockerfile(`FROM scratch\n${lines.join('\n')}`).stages[0]?.instructions).toHaveLength(
      lines.length,
    );
  });

  test('does without the shell of the image', () => {
    expect(removalLines([Buffer.from('/a'), Buffer.from('/b')], ['/bin/bash', '-c'])).toEqual([
      'RUN ["/bin/sh", "-c", "rm -rf /a /b"]',
    ]);
  });

  test('a line break at the end of a name is part of it', () => {
    expect(removalLines([Buffer.from('/a\n')], null)).toEqual([
      String.raw`RUN name="$(printf '/a\012x')" && rm -rf "${'${'}name%x}"`,
    ]);
  });
});
