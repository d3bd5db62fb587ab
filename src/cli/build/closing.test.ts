import { describe, expect, test } from 'bun:test';
import { formatFailure, formatSuccess, formatWarnings, painter } from './closing.ts';
import { excerptOf } from '../../dockerfile/excerpt.ts';
import { formatExcerpt } from './excerpt.ts';
import { done, log, modelOf, started, steps } from './testing.ts';

const paint = painter(false);

describe('below the progress', () => {
  test('a failure: the end of the output, the lines of the Dockerfile, the error', () => {
    const model = modelOf(
      steps('[2/2] RUN make'),
      started(0, 0),
      [log(0, 'one\n'), 0.5],
      [log(0, 'two\nthree\n'), 0.75],
      done(0, 1, { error: 'exit code: 2' }),
    );
    const source = ['FROM busybox', 'RUN make', ''].map((text, index) => ({
      line: index + 1,
      text,
      marked: index === 1,
    }));
    const failure = { type: 'failed', message: 'exit code: 2', step: 0, code: 2, source } as const;
    expect(formatFailure(model, failure, { file: 'Dockerfile', lines: 2, paint })).toBe(
      '------\n > [2/2] RUN make:\n0.750 two\n0.750 three\n------\n' +
        'Dockerfile:2\n--------------------\n   1 |     FROM busybox\n   2 | >>> RUN make\n   3 |     \n--------------------\n' +
        'ERROR: failed to build: failed to solve: exit code: 2\n',
    );
  });

  test('a failure of no step has its error alone', () => {
    const failure = { type: 'failed', message: 'the Dockerfile cannot be empty' } as const;
    expect(formatFailure(modelOf(), failure, { file: 'Dockerfile', lines: 9, paint })).toBe(
      'ERROR: failed to build: failed to solve: the Dockerfile cannot be empty\n',
    );
  });

  test('lines of a Dockerfile cannot move the cursor', () => {
    const source = [{ line: 1, text: 'RUN\techo \x1b[2J\\n', marked: true }];
    const failure = { type: 'failed', message: 'x', source } as const;
    expect(formatFailure(modelOf(), failure, { file: 'D', lines: 9, paint })).toContain(
      String.raw`>>> RUN    echo \x1b[2J\n`,
    );
  });

  test('warnings with place, rule and link', () => {
    const lines = { first: 3, last: 4 };
    const warnings = [
      { type: 'warning', rule: 'FromAsCasing', message: 'casing', url: 'https://x.test/y', lines } as const,
      { type: 'warning', message: 'old' } as const,
    ];
    expect(formatWarnings(warnings, 'Dockerfile', paint)).toBe(
      '\n 2 warnings found:\n - Dockerfile:3 FromAsCasing: casing\n   https://x.test/y\n - old\n',
    );
    expect(formatWarnings([], 'Dockerfile', paint)).toBe('');
  });

  test('success: the image and what may be typed next', () => {
    const id = `sha256:${'ab'.repeat(32)}`;
    const image = { type: 'image', id, names: ['app:1.0'], seconds: 2.34 } as const;
    expect(formatSuccess(image, paint)).toBe(
      '\nImage  abababababab  app:1.0  in 2.3s\nRun    cais run --rm -it app:1.0\nPush   cais push app:1.0\n',
    );
    expect(formatSuccess(image, paint, true)).not.toContain('Push');
    expect(formatSuccess({ ...image, names: [] }, paint)).toBe(
      '\nImage  abababababab  in 2.3s\nRun    cais run --rm -it abababababab\n',
    );
  });
});

describe('an excerpt', () => {
  const source = Array.from({ length: 9 }, (_, at) => `line ${at + 1}`);
  const shown = (first: number, last: number) =>
    excerptOf(source, { first, last }).map(({ line, marked }) => `${line}${marked ? '*' : ''}`);

  test.each([
    [5, 5, ['3', '4', '5*', '6', '7']],
    [1, 1, ['1*', '2', '3']],
    [9, 9, ['7', '8', '9*']],
    [4, 6, ['3', '4*', '5*', '6*', '7']],
  ])('of lines %d to %d', (first, last, expected) => {
    expect(shown(first, last)).toEqual(expected);
  });

  test('is headed by the file and the first marked line', () => {
    expect(formatExcerpt('f', excerptOf(['a'], { first: 1, last: 1 }))).toBe(
      'f:1\n--------------------\n   1 | >>> a\n--------------------\n',
    );
  });
});
