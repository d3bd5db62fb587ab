import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { InvalidError } from '../lib/errors.ts';
import { expandForDisplay, expandInstruction, expandWord, expandWords } from './expand.ts';
import type { Instruction } from './instruction.ts';
import { parseInstructions } from './parse.ts';

const variables: Readonly<Record<string, string>> = {
  ONE: '1',
  HOME: '/home',
  EMPTY: '',
  PATHS: '/a/b/c.tar.gz',
  SPACED: ' a  b ',
  한국: 'kr',
};
const lookup = (name: string): string | undefined => variables[name];
const expand = (word: string): string => expandWord(word, lookup, '\\');

describe('a word', () => {
  test.each([
    ['plain', 'plain'],
    ['$ONE-${ONE}x', '1-1x'],
    ['$ONEx|$.|$', '|$.|$'],
    ['$한국어|$한국', '|kr'],
    ['$1a|${22}b|$$|$#', 'a|b||'],
    ['a\\$ONE \\a "\\a\\"\\\\\\$ONE"', 'a$ONE a \\a"\\$ONE'],
    [`'$ONE\\n' "'$ONE'"`, `$ONE\\n '1'`],
    ['${NONE:-w}${NONE-w}${EMPTY:-w}${EMPTY-w}${ONE:-w}', 'www1'],
    ['${NONE:+w}${NONE+w}${EMPTY:+w}${EMPTY+w}${ONE:+w}', 'ww'],
    ['${ONE:?no}${ONE?no}${EMPTY?no}', '11'],
    ['${NONE:-${EMPTY:-"$HOME"/x}}', '/home/x'],
    ['${PATHS#*/} ${PATHS##*/}', 'a/b/c.tar.gz c.tar.gz'],
    ['${PATHS%.*} ${PATHS%%.*}', '/a/b/c.tar /a/b/c'],
    ['${PATHS#\\/a} ${PATHS%?gz}', '/b/c.tar.gz /a/b/c.tar'],
    ['${PATHS/a/x} ${PATHS//\\//_} ${PATHS//?/.}', '/x/b/c.tar.gz _a_b_c.tar.gz .............'],
    ['${PATHS//*/$ONE}', '1'],
    ['${PATHS/zz/x}${NONE/a/b}', '/a/b/c.tar.gz'],
    ['a\\', 'a'],
  ])('%s', (word, expected) => {
    expect(expand(word)).toBe(expected);
  });

  test('the escape directive decides what escapes', () => {
    expect(expandWord('c:\\$ONE`$ONE "`$"', lookup, '`')).toBe('c:\\1$ONE $');
  });

  test.each([
    ['${NONE?}', 'NONE: is not allowed to be unset'],
    ['${EMPTY:?}', 'EMPTY: is not allowed to be empty'],
    ['${NONE:?no $ONE}', 'NONE: no 1'],
    ['${ONE:=x}', 'unsupported modifier (:=) in substitution'],
    ['${ONE:#x}', 'unsupported modifier (:#) in substitution'],
    ['${ONE.}', 'unsupported modifier (.) in substitution'],
    ['${ONE', "syntax error: missing '}'"],
    ['${ONE:-x', "syntax error: missing '}'"],
    ['${ONE/x}', "syntax error: missing '/' in ${}"],
    ['${}', 'syntax error: bad substitution'],
    ["'x", 'unexpected end of statement while looking for matching single-quote'],
    ['"x', 'unexpected end of statement while looking for matching double-quote'],
    ['${PATHS#\\a}', "invalid pattern (\\a) in substitution: invalid escape '\\a'"],
    ['${NONE:-'.repeat(100), 'substitutions are nested too deeply'],
  ])('%s is refused', (word, message) => {
    expect(() => expand(word)).toThrow(message);
  });

  test('a refusal names the word', () => {
    expect(() => expand('a${ONE')).toThrow('failed to process "a${ONE": syntax error');
  });

  test('what a variable holds is not read again', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(expandWord('$X"$X"${X}${X:-y}', (name) => (name === 'X' ? value : undefined), '\\')).toBe(
          value + value + value + (value || 'y'),
        );
      }),
    );
  });

  test('single quotes keep all that is in them', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const quoted = text.replaceAll("'", '');
        expect(expand(`'${quoted}'`)).toBe(quoted);
      }),
    );
  });

  test('a prefix and what is left of it are the value', () => {
    const path = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*', '\n', '😀'), maxLength: 20 });
    fc.assert(
      fc.property(path, path, (head, tail) => {
        const pattern = head.replaceAll(/[*?\\/}]/g, '\\$&');
        const value = (name: string): string | undefined => ({ V: head + tail, P: pattern })[name];
        expect(expandWord('${V#$P}', value, '\\')).toBe(tail);
        expect(expandWord('${V%*}', value, '\\')).toBe(head + tail);
        expect(expandWord('${V/$P/x}', value, '\\')).toBe(`x${tail}`);
      }),
    );
  });

  test('any text is read or refused', () => {
    const piece = fc.constantFrom(...Array.from('${}:-+?#%/*\\\'"< Aa'), '${ONE', '<<');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          expand(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidError);
        }
      }),
    );
  });
});

describe('hostile words', () => {
  const big = 'a'.repeat(100_000);
  const bigLookup = (name: string): string | undefined => (name === 'A' ? big : undefined);
  test.each([
    ['growth', '$A$A$A'],
    ['replacing grows', `\${A//a/${'b'.repeat(100)}}`],
    ['many stars', `\${A#${'*b'.repeat(128)}}`],
    ['many patterns', '${A%%a*}'.repeat(8000)],
    ['a long pattern', `\${A/${'?'.repeat(300)}/}`],
  ])('%s: bounded in time and size', (_, word) => {
    const start = performance.now();
    try {
      expect(expandWord(word, bigLookup, '\\').length).toBeLessThan(300_000);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidError);
    }
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

test('words split at the spaces of variables, not at quoted ones', () => {
  expect(expandWords('x${SPACED}y "$SPACED" \'\' a\\ b', lookup, '\\')).toEqual([
    'x',
    'a',
    'b',
    'y',
    ' a  b ',
    'a b',
  ]);
});

test('what is shown keeps quotes and what is not set', () => {
  expect(expandForDisplay('RUN echo "$ONE" $NONE ${NONE:-x}', lookup, '\\')).toBe(
    'RUN echo "1" $NONE ${NONE:-x}',
  );
  expect(expandForDisplay("RUN it's $ONE", lookup, '\\')).toBe("RUN it's $ONE");
});

describe('instructions', () => {
  const read = (text: string): Instruction => {
    const [instruction] = parseInstructions(text);
    if (!instruction) throw new TypeError('no instruction');
    return instruction;
  };

  test.each<[string, object]>([
    ['FROM --platform=linux/$ONE x:$ONE AS b', { image: 'x:1', platform: 'linux/1' }],
    ['ARG A="$ONE" B', { arguments: [{ name: 'A', value: '1' }, { name: 'B' }] }],
    [
      'ENV A$ONE="x $HOME" B=\'$ONE\'',
      {
        pairs: [
          ['A1', 'x /home'],
          ['B', '$ONE'],
        ],
      },
    ],
    ['LABEL "a b"="c $ONE"', { pairs: [['a b', 'c 1']] }],
    [
      'COPY --chown=$ONE --chmod=$ONE --exclude=$ONE $HOME/* ${HOME}/',
      { chown: '1', chmod: '1', excludes: ['$ONE'], sources: ['/home/*'], destination: '/home/' },
    ],
    ['COPY ["$ONE a", "$HOME"]', { sources: ['1 a'], destination: '/home' }],
    ['ADD --checksum=sha256:$ONE x$ONE /', { checksum: 'sha256:1', sources: ['x1'] }],
    ['WORKDIR "$HOME/a b"', { path: '/home/a b' }],
    ['USER $ONE:$ONE', { user: '1:1' }],
    ['EXPOSE $SPACED $ONE/udp', { ports: ['1/udp', 'a', 'b'] }],
    ['VOLUME ["$SPACED"] ', { paths: [' a  b '] }],
    ['STOPSIGNAL $ONE', { signal: '1' }],
    ['RUN echo "$ONE"', { command: { form: 'shell', text: 'echo "$ONE"' } }],
    ['CMD ["$ONE"]', { command: { form: 'exec', words: ['$ONE'] } }],
    ['ONBUILD ENV A=$ONE', { triggerText: 'ENV A=$ONE' }],
  ])('%s', (text, expected) => {
    expect(expandInstruction(read(text), lookup, '\\')).toMatchObject(expected);
  });

  test('heredocs of COPY, unless their name is quoted; quotes in them are content', () => {
    const copy = read('COPY <<A <<"B" /\nit\'s "$ONE" \\$ONE\nA\n$ONE\nB');
    expect(expandInstruction(copy, lookup, '`')).toMatchObject({
      inline: [{ content: 'it\'s "1" $ONE\n' }, { content: '$ONE\n' }],
    });
  });

  test('a mistake is told with the lines', () => {
    const [, user] = parseInstructions('CMD x\nUSER ${ONE');
    if (!user) throw new TypeError('no instruction');
    expect(() => expandInstruction(user, lookup, '\\')).toThrow(
      expect.objectContaining({ lines: { first: 2, last: 2 } }),
    );
  });

  test('--from takes no variable', () => {
    expect(() => expandInstruction(read('COPY --from=$ONE a b'), lookup, '\\')).toThrow(
      'variable expansion is not supported for --from',
    );
  });

  test('FROM may not become empty', () => {
    expect(() => expandInstruction(read('FROM $NONE'), lookup, '\\')).toThrow(
      'base name ($NONE) should not be blank',
    );
  });
});
