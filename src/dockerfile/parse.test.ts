import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { InvalidError } from '../lib/errors.ts';
import { DockerfileError } from './error.ts';
import type { Instruction } from './instruction.ts';
import { parseDockerfile, parseInstructions, parseTrigger } from './parse.ts';

/** The first instruction after FROM. */
function one(...lines: string[]): Instruction | undefined {
  return parseDockerfile(['FROM scratch', ...lines].join('\n')).stages[0]?.instructions[0];
}

describe('lines', () => {
  test('continuations are joined, comments and empty lines in them left out', () => {
    const { stages, emptyContinuations } = parseDockerfile(
      ['FROM a', 'RUN one \\', '  # not this', '\ttwo \\  ', '', '  three', 'CMD x'].join('\n'),
    );
    expect(stages[0]?.instructions).toMatchObject([
      { kind: 'RUN', text: 'RUN one \ttwo   three', lines: { first: 2, last: 6 } },
      { kind: 'CMD', lines: { first: 7, last: 7 } },
    ]);
    expect(emptyContinuations).toEqual([6]);
  });

  test('an escaped escape continues nothing, nor does one before other text', () => {
    expect(parseInstructions('RUN a \\\\\nRUN b \\ c')).toMatchObject([
      { text: 'RUN a \\\\' },
      { text: 'RUN b \\ c' },
    ]);
  });

  test('carriage returns and the byte order mark do not count', () => {
    const { stages, source } = parseDockerfile('\uFEFFFROM a\r\nRUN b \\\r\n c\r\n');
    expect(stages[0]).toMatchObject({ from: { image: 'a' }, instructions: [{ text: 'RUN b  c' }] });
    expect(source).toEqual(['FROM a', 'RUN b \\', ' c']);
  });

  test('comments directly above belong to the instruction', () => {
    expect(parseInstructions('# far\n\n# near\n#  too \nCMD x')).toMatchObject([
      { comments: ['near', 'too'] },
    ]);
  });
});

describe('directives', () => {
  test('syntax, escape and check are read in any case, with blanks', () => {
    const file = parseDockerfile(
      '# syntax = docker/dockerfile:1 x\n#ESCAPE=`\n# check=skip=all\nFROM a\nRUN b `\n c\\',
    );
    expect(file).toMatchObject({ syntax: 'docker/dockerfile:1', escape: '`', check: 'skip=all' });
    expect(file.stages[0]?.instructions).toMatchObject([{ text: 'RUN b  c\\' }]);
  });

  test.each(['# a comment\n# escape=`\n', '\n# escape=`\n', '# unknown=1\n# escape=`\n'])(
    'after %j there are none',
    (start) => {
      expect(parseDockerfile(`${start}FROM a`).escape).toBe('\\');
    },
  );
});

describe('stages', () => {
  test('ARG before FROM is global; names are lower case', () => {
    const file = parseDockerfile('ARG A=1\nFROM --platform=$P x:$A As Build\nARG B\nfrom build');
    expect(file.globals).toMatchObject([{ arguments: [{ name: 'A', value: '1' }] }]);
    expect(file.stages).toMatchObject([
      { name: 'build', from: { image: 'x:$A', platform: '$P', name: 'Build', as: 'As' } },
      { from: { image: 'build', keyword: 'from' }, instructions: [] },
    ]);
    expect(file.stages[0]?.instructions).toMatchObject([{ kind: 'ARG', arguments: [{ name: 'B' }] }]);
  });
});

describe('heredocs', () => {
  test('several in one RUN, each up to its name', () => {
    expect(one('RUN cat <<A <<-"B C"', 'x', 'A', '\ty', '\tB C', 'CMD z')).toMatchObject({
      text: 'RUN cat <<A <<-"B C"',
      lines: { first: 2, last: 6 },
      heredocs: [
        { name: 'A', content: 'x\n', expands: true, tabs: false },
        { name: 'B C', content: '\ty\n', expands: false, tabs: true },
      ],
    });
  });

  test('files of COPY and ADD, tabs taken off after <<-', () => {
    expect(one("COPY <<A src <<-'B' /to/", '# $x', 'A', '\ty', '\tB')).toMatchObject({
      kind: 'COPY',
      sources: ['src'],
      inline: [
        { name: 'A', content: '# $x\n', expands: true },
        { name: 'B', content: 'y\n', expands: false },
      ],
      destination: '/to/',
    });
  });

  test('an ONBUILD keeps them in its trigger, which reads the same again', () => {
    const onBuild = one('ONBUILD RUN --network=none <<A', 'x', 'A');
    if (onBuild?.kind !== 'ONBUILD') throw new TypeError('not an ONBUILD');
    expect(onBuild.triggerText).toBe('RUN --network=none <<A\nx\nA');
    const lines = { first: 9, last: 9 };
    expect(parseTrigger(onBuild.triggerText, lines)).toEqual({ ...onBuild.trigger, lines });
  });

  test('not in CMD, not in the JSON form, not in a here-string, not in arithmetic', () => {
    const lines = ['CMD <<A', 'RUN ["<<A"]', 'RUN x <<<A', 'RUN echo $((1<<2))', 'RUN a <<'];
    expect(parseInstructions(lines.join('\n')).flatMap(({ heredocs }) => heredocs)).toEqual([]);
  });
});

describe('instructions', () => {
  test.each<[string, object]>([
    ['RUN  a  b', { command: { form: 'shell', text: 'a  b' }, mounts: [], devices: [] }],
    ['RUN ["a", "b c"]', { command: { form: 'exec', words: ['a', 'b c'] } }],
    ["RUN ['a']", { command: { form: 'shell', text: "['a']" } }],
    [
      'RUN --mount=type=cache,target=/c --mount=type=tmpfs,"target=/a b" --network=none --security=insecure --device=x a',
      {
        mounts: ['type=cache,target=/c', 'type=tmpfs,target=/a b'],
        network: 'none',
        security: 'insecure',
        devices: ['x'],
        command: { form: 'shell', text: 'a' },
      },
    ],
    [
      'COPY --from=b --chown=1:2 --chmod=u=rw --link --parents --exclude=*.o --exclude=x a b /c',
      {
        from: 'b',
        chown: '1:2',
        chmod: 'u=rw',
        link: true,
        parents: true,
        excludes: ['*.o', 'x'],
        sources: ['a', 'b'],
        destination: '/c',
        inline: [],
      },
    ],
    ['COPY ["a b", "c"]', { sources: ['a b'], destination: 'c', link: false, parents: false }],
    ['COPY -- --a b', { sources: ['--a'], destination: 'b' }],
    [
      'ADD --checksum=sha256:1 --keep-git-dir=true --unpack=false https://x/ /',
      { checksum: 'sha256:1', keepGitDir: true, unpack: false, sources: ['https://x/'] },
    ],
    [
      'ENV A=1 B="two words" C=a\\ b D=',
      {
        pairs: [
          ['A', '1'],
          ['B', '"two words"'],
          ['C', 'a\\ b'],
          ['D', ''],
        ],
        legacy: false,
      },
    ],
    ['ENV A  the rest = this', { pairs: [['A', 'the rest = this']], legacy: true }],
    ['LABEL "a.b"=c', { pairs: [['"a.b"', 'c']] }],
    [
      'ARG A B=1 C="x y"',
      { arguments: [{ name: 'A' }, { name: 'B', value: '1' }, { name: 'C', value: '"x y"' }] },
    ],
    ['CMD ["a"]', { command: { form: 'exec', words: ['a'] } }],
    ['CMD', { command: { form: 'shell', text: '' } }],
    ['ENTRYPOINT []', { command: { form: 'exec', words: [] } }],
    ['WORKDIR /a b', { path: '/a b' }],
    ['USER "x"', { user: '"x"' }],
    ['EXPOSE 80/tcp  53/udp', { ports: ['53/udp', '80/tcp'] }],
    ['VOLUME ["/a b"]', { paths: ['/a b'] }],
    ['VOLUME /a /b', { paths: ['/a', '/b'] }],
    ['SHELL ["/bin/bash", "-c"]', { words: ['/bin/bash', '-c'] }],
    ['STOPSIGNAL SIGINT', { signal: 'SIGINT' }],
    ['MAINTAINER Me <me@x>', { name: 'Me <me@x>' }],
    ['HEALTHCHECK none', { none: true }],
    [
      'HEALTHCHECK --interval=1m30s --timeout=3s --start-period=0 --start-interval=5ms --retries=3 CMD curl -f x',
      {
        interval: 90e9,
        timeout: 3e9,
        startPeriod: 0,
        startInterval: 5e6,
        retries: 3,
        none: false,
        command: { form: 'shell', text: 'curl -f x' },
      },
    ],
    ['onbuild run make', { triggerText: 'run make', trigger: { kind: 'RUN', text: 'run make' } }],
  ])('%s', (line, expected) => {
    const kind = line.split(' ')[0]?.toUpperCase();
    expect(one(line)).toMatchObject({ kind, text: line, lines: { first: 2, last: 2 }, ...expected });
  });
});

describe('mistakes are told with their line', () => {
  test.each([
    ['FOO bar', 'unknown instruction: FOO'],
    ['RUNN x', 'unknown instruction: RUNN (did you mean RUN?)'],
    ['RNU x', 'unknown instruction: RNU (did you mean RUN?)'],
    ['Copi a b', 'unknown instruction: Copi (did you mean COPY?)'],
    ['env', 'ENV requires at least one argument'],
    ['ENV a', 'ENV must have two arguments'],
    ['ENV a=1 b', `Syntax error - can't find = in "b". Must be of the form: name=value`],
    ['ENV =1', 'ENV names can not be blank'],
    ['LABEL', 'LABEL requires at least one argument'],
    ['ARG =1', 'ARG names can not be blank'],
    ['CMD ["a", 1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
    [
      'COPY a',
      'COPY requires at least two arguments, but only one was provided. Destination could not be determined',
    ],
    ['COPY --form=x a b', 'unknown flag: --form (did you mean from?)'],
    ['COPY --chown a b', 'missing a value on flag: --chown'],
    ['COPY --chown=1 --chown=2 a b', 'duplicate flag specified: --chown'],
    ['COPY --link=yes a b', 'expecting boolean value for flag --link, not: yes'],
    ['COPY a <<A\nA', 'COPY cannot accept a heredoc as a destination'],
    ['ADD --from=x a b', 'unknown flag: --from'],
    ['CMD --x a', 'unknown flag: --x'],
    ['RUN --network=my x', 'invalid network mode "my"'],
    ['RUN --security=none x', 'security "none" is not valid'],
    [
      'RUN --mount=from=$x,target=/y z',
      "'from' doesn't support variable expansion, define alias stage instead",
    ],
    ['RUN --mount=a\\"b x', 'failed to parse csv mounts: parse error on line 1'],
    ['FROM a b', 'FROM requires either one or three arguments'],
    ['FROM a AS 1x', `invalid name for build stage: "1x", name can't start with a number or contain symbols`],
    ['ONBUILD ONBUILD RUN x', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
    ['ONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
    ['ONBUILD COPY a', 'COPY requires at least two arguments'],
    ['SHELL bash', 'SHELL requires the arguments to be in JSON form'],
    ['SHELL []', 'SHELL requires at least one argument'],
    ['VOLUME [""]', 'VOLUME specified can not be an empty string'],
    ['WORKDIR', 'WORKDIR requires exactly one argument'],
    ['EXPOSE', 'EXPOSE requires at least one argument'],
    ['HEALTHCHECK', 'HEALTHCHECK requires at least one argument'],
    ['HEALTHCHECK NONE x', 'HEALTHCHECK NONE takes no arguments'],
    ['HEALTHCHECK sometimes', 'Unknown type "SOMETIMES" in HEALTHCHECK (try CMD)'],
    ['HEALTHCHECK CMD', 'Missing command after HEALTHCHECK CMD'],
    ['HEALTHCHECK --interval=1us CMD x', 'Interval "interval" cannot be less than 1ms'],
    ['HEALTHCHECK --interval=soon CMD x', 'time: invalid duration "soon"'],
    ['HEALTHCHECK --retries=-1 CMD x', '--retries cannot be negative (-1)'],
  ])('%s', (line, message) => {
    const error = mistakeIn(`FROM scratch\n\n${line}`);
    expect(error.message).toStartWith(`dockerfile parse error on line 3: ${message}`);
    expect(error.lines?.first).toBe(3);
  });

  test.each([
    ['', 'file with no instructions', undefined],
    ['# only\n', 'file with no instructions', undefined],
    ['ARG A', 'dockerfile contains no stages to build', undefined],
    ['RUN x', 'no build stage in current context', { first: 1, last: 1 }],
    ['# escape=`\n#escape=`', 'only one escape parser directive can be used', { first: 2, last: 2 }],
    ['# escape=x', "invalid escape token 'x' does not match ` or \\", { first: 1, last: 1 }],
    ['FROM a\nRUN <<A\nx', 'unterminated heredoc', { first: 2, last: 3 }],
    [
      `FROM a\nRUN ${'x'.repeat(65_532)}`,
      'dockerfile line greater than max allowed size of 65535',
      { first: 2, last: 2 },
    ],
    [`FROM a\n${'CMD x\n'.repeat(2000)}`, 'more than 2000 instructions', { first: 2001, last: 2001 }],
    [`FROM a\nARG ${'a '.repeat(10_001)}`, 'more than 10000 variables and labels', { first: 2, last: 2 }],
    ['#\n'.repeat(2 ** 20 + 1), 'dockerfile greater than max allowed size of 2097152', undefined],
  ])('%#: %p', (text, message, lines) => {
    const error = mistakeIn(text);
    expect(error.message).toBe(message);
    expect(error.lines).toEqual(lines);
  });
});

describe('hostile input', () => {
  const long = 60_000;
  test.each([
    ['a line of blanks', `RUN x${' '.repeat(long)}y`],
    ['blanks in a heredoc word', `RUN x <<${' '.repeat(long)}y<`],
    ['open quotes', `RUN <<A ${'"\''.repeat(long / 2)}\nA`],
    ['open braces', `RUN <<A ${'${a:-'.repeat(long / 5)}\nA`],
    ['open brackets', `CMD ${'['.repeat(long)}`],
    ['many continuations', `RUN x ${'\\\n# c\n'.repeat(200_000)}`],
    ['many heredocs', `RUN ${'<<A '.repeat(long / 4)}\n${'A\n'.repeat(long / 4)}`],
    ['many files', `COPY ${'<<A '.repeat(10_000)} /\n${'A\n'.repeat(10_000)}`],
    ['carriage returns', `RUN x${'\r'.repeat(long)}y`],
    ['many pairs', `ENV ${'a=b \\\n'.repeat(200_000)}c=d`],
    ['nested triggers', `ONBUILD ${'ONBUILD \\\n'.repeat(100_000)}RUN <<A`],
  ])('%s takes no more than a moment', (_, text) => {
    const start = performance.now();
    try {
      parseDockerfile(`FROM a\n${text}`);
    } catch (error) {
      expect(error).toBeInstanceOf(DockerfileError);
    }
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('whatever is read is a Dockerfile or a mistake in one', () => {
    const piece = fc.oneof(
      fc.constantFrom('FROM a', 'RUN ', 'COPY ', 'ENV ', 'ONBUILD ', '<<A', '\nA\n', '\n', ' \\\n', '# '),
      fc.constantFrom('"', "'", '[', ']', '--mount=', '=', '${', '}', ' ', '\t', '\r', '# escape=`\n'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('');
        try {
          const { stages, source } = parseDockerfile(text);
          let last = 0;
          for (const { lines } of stages.flatMap(({ from, instructions }) => [from, ...instructions])) {
            expect(lines.first).toBeGreaterThan(last);
            expect(lines.last).toBeGreaterThanOrEqual(lines.first);
            last = lines.last;
          }
          expect(last).toBeLessThanOrEqual(source.length);
        } catch (error) {
          if (!(error instanceof InvalidError)) throw error;
        }
      }),
    );
  });
});

function mistakeIn(text: string): DockerfileError {
  try {
    parseDockerfile(text);
  } catch (error) {
    if (error instanceof DockerfileError) return error;
    throw error;
  }
  throw new TypeError('no mistake was found');
}
